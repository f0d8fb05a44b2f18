/** Records clips of at most ten seconds from a live microphone. Emits `piece` with a Blob, `left` with seconds, `end` with milliseconds. */

export const LONGEST = 10_000;      // milliseconds
const SLICE = 1_000;                // milliseconds after which what was spoken is handed on
const TICK = 200;                   // milliseconds between two looks at the time that is left
const SHORTEST = 400;               // milliseconds: less is a finger that slipped
const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];

export class Recorder extends EventTarget {
  /** @type {MediaRecorder | null} */ #recorder = null;
  #startedAt = 0;
  #isUnwanted = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #timer;

  get isOn() {
    return this.#recorder !== null;
  }

  /** Begins at once; throws where the browser cannot record. @param {MediaStreamTrack} track @param {number} bitsPerSecond */
  start(track, bitsPerSecond) {
    // A copy, heard even while the call's own track is switched off: whoever holds the button wants to be heard.
    const copy = track.clone();
    copy.enabled = true;
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
    const recorder = new MediaRecorder(new MediaStream([copy]), { mimeType, audioBitsPerSecond: bitsPerSecond });
    recorder.addEventListener("dataavailable", ({ data }) => { if (data.size > 0) this.#emit("piece", data); });
    recorder.addEventListener("stop", () => this.#ended(copy));
    recorder.start(SLICE);
    this.#recorder = recorder;
    this.#isUnwanted = false;
    this.#startedAt = performance.now();
    this.#timer = setInterval(() => this.#tick(), TICK);
    this.#tick();
  }

  stop() {
    if (this.#recorder?.state === "recording") this.#recorder.stop();
  }

  /** Nothing of it is wanted: `end` says 0. */
  cancel() {
    this.#isUnwanted = true;
    this.stop();
  }

  #tick() {
    const spoken = performance.now() - this.#startedAt;
    this.#emit("left", Math.max(0, Math.ceil((LONGEST - spoken) / 1000)));
    if (spoken >= LONGEST) this.stop();
  }

  /** @param {MediaStreamTrack} copy */
  #ended(copy) {
    clearInterval(this.#timer);
    copy.stop();
    this.#recorder = null;
    const spoken = Math.min(LONGEST, performance.now() - this.#startedAt);
    this.#emit("end", this.#isUnwanted || spoken < SHORTEST ? 0 : spoken);
  }

  /** @param {string} name @param {unknown} detail */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
