/** Three seconds of one's own voice, with the level while it is recorded, played back here. Nothing leaves the page. */

import { find } from "../dom.js";
import { say } from "./words.js";

const LENGTH = 3_000; // milliseconds
const HEARD = 0.02; // of full scale: a voice at arm's length
const LOOK = 60; // milliseconds

export class Microphone {
  #test;
  #record;
  #level;
  #playback;
  /** @type {MediaStreamTrack | null} */ #track = null;
  /** @type {string} */ #address = "";

  /** @param {HTMLElement} test */
  constructor(test) {
    this.#test = test;
    this.#record = find(test, "[data-record]", HTMLButtonElement);
    this.#level = find(test, "[data-level]", HTMLMeterElement);
    this.#playback = find(test, "[data-playback]", HTMLAudioElement);
    this.#record.addEventListener("click", () => void this.#try());
  }

  /** The track to record from now on. @param {MediaStreamTrack | null} track */
  take(track) {
    this.#track = track;
    this.#record.hidden = track === null || !("MediaRecorder" in window);
  }

  async #try() {
    if (!this.#track) return;
    const stream = new MediaStream([this.#track]);
    this.#record.disabled = true;
    this.#playback.pause();
    say(this.#test, "recording");
    const [clip, loudest] = await Promise.all([recorded(stream), this.#listen(stream)]);
    this.#record.disabled = false;
    this.#show(clip);
    say(this.#test, loudest > HEARD ? "good" : "quiet");
  }

  /** @param {Blob} clip */
  #show(clip) {
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = URL.createObjectURL(clip);
    this.#playback.src = this.#address;
    this.#playback.hidden = false;
    void this.#playback.play().catch(() => {}); // a browser that wants a click has its button there
  }

  /** Shows the level while it is recorded; gives the loudest moment. @param {MediaStream} stream */
  async #listen(stream) {
    const audio = new AudioContext();
    const analyser = new AnalyserNode(audio, { fftSize: 1024 });
    audio.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let loudest = 0;
    this.#level.hidden = false;
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const level = Math.max(...samples.map(Math.abs));
      loudest = Math.max(loudest, level);
      this.#level.value = Math.min(10, Math.sqrt(level) * 14);
    }, LOOK);
    await new Promise((resolve) => { setTimeout(resolve, LENGTH); });
    clearInterval(timer);
    this.#level.hidden = true;
    await audio.close();
    return loudest;
  }
}

/** @param {MediaStream} stream @returns {Promise<Blob>} */
function recorded(stream) {
  const recorder = new MediaRecorder(stream);
  /** @type {Blob[]} */
  const pieces = [];
  recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
  setTimeout(() => { if (recorder.state !== "inactive") recorder.stop(); }, LENGTH);
  recorder.start();
  return new Promise((resolve) => {
    recorder.addEventListener("stop", () => resolve(new Blob(pieces, { type: recorder.mimeType })), { once: true });
  });
}
