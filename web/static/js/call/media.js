/**
 * This side's camera and microphone. Joins with what is there: a missing, blocked or busy device is a fault with a code,
 * never an end. Knows no peer connection: `change` tells which track stands for which kind now.
 */

/** @typedef {"audio" | "video"} Kind */
/** @typedef {"" | "blocked" | "missing" | "busy" | "insecure"} Fault */

/** @type {Record<string, Fault>} */
const FAULTS = { NotAllowedError: "blocked", SecurityError: "blocked", NotFoundError: "missing", OverconstrainedError: "missing" };

/** @param {Kind} kind @param {string} [device] @returns {MediaTrackConstraints} */
function wishes(kind, device) {
  const which = device ? { deviceId: { exact: device } } : {};
  if (kind === "audio") return { ...which, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  return { ...which, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
}

export class LocalMedia extends EventTarget {
  stream = new MediaStream();
  /** @type {Record<Kind, Fault>} */ faults = { audio: "", video: "" };
  /** Whether the curtain is drawn: the camera is given back, and nothing of it can be had here until `uncover`. */
  isCurtained = false;
  /** @type {Record<Kind, boolean>} */ #on = { audio: true, video: true };
  #closed = false;
  /** @type {Promise<void> | null} */ #opening = null;
  #camera = "";          // the device behind the curtain
  /** @type {(() => MediaStreamTrack) | null} */ #standIn = null;

  /**
   * Opens what is missing; while that is under way, asking again waits for the same.
   * @param {MediaStream} [given] open already, such as the preview while it rings: taken over at once
   */
  open(given) {
    this.#closed = false;
    for (const track of given?.getTracks() ?? []) this.#take(track);
    if (this.isCurtained && !this.track("video")) this.#hang();
    return this.#opening ??= this.#openMissing().finally(() => { this.#opening = null; });
  }

  /** @param {Kind} kind @returns {MediaStreamTrack | null} */
  track(kind) {
    return this.stream.getTracks().find((one) => one.kind === kind && one.readyState === "live") ?? null;
  }

  /** Whether this side means to send `kind`: a camera that was switched off on purpose is none that failed. @param {Kind} kind */
  wants(kind) {
    return this.#on[kind];
  }

  /** Whether this side sends `kind` now, or is about to. @param {Kind} kind */
  isOn(kind) {
    return this.#on[kind] && (this.track(kind) !== null || (this.#opening !== null && !this.faults[kind]));
  }

  /** @param {Kind} kind @param {boolean} on */
  async set(kind, on) {
    this.#on[kind] = on;
    if (on && !this.track(kind)) await this.#ask([kind]);
    const track = this.track(kind);
    if (track) track.enabled = on;
    this.#tell(kind);
  }

  /** Another camera or microphone; the old one is given back first, since many phones allow one at a time. @param {Kind} kind @param {string} device */
  async choose(kind, device) {
    if (kind === "video" && this.isCurtained) return void (this.#camera = device);
    const before = this.track(kind);
    const previous = before?.getSettings().deviceId;
    this.#drop(before);
    if (!await this.#ask([kind], device) && previous && previous !== device) await this.#ask([kind], previous);
  }

  /** @param {Kind} kind @returns {Promise<MediaDeviceInfo[]>} */
  async devices(kind) {
    const found = await navigator.mediaDevices?.enumerateDevices() ?? [];
    return found.filter((one) => one.kind === (kind === "audio" ? "audioinput" : "videoinput"));
  }

  /** Draws the curtain: the camera is shut off at once, and what `make` gives is sent in its place. @param {() => MediaStreamTrack} make */
  cover(make) {
    if (!this.isCurtained) this.#camera = this.track("video")?.getSettings().deviceId ?? "";
    this.isCurtained = true;
    this.#standIn = make;
    if (!this.#closed) this.#hang();
  }

  /** Lifts it: the same camera again, if this side has its camera on. */
  async uncover() {
    this.isCurtained = false;
    if (this.#closed) return;
    const standIn = this.track("video");
    const opened = this.#on.video && (await this.#ask(["video"], this.#camera) || await this.#ask(["video"]));
    // Drawn again while the camera was opening: another one stands in now.
    if (opened || this.isCurtained || this.track("video") !== standIn) return;
    this.#drop(standIn);
    this.#tell("video");
  }

  close() {
    this.#closed = true;
    for (const track of this.stream.getTracks()) this.#drop(track);
  }

  async #openMissing() {
    const wanted = /** @type {Kind[]} */ (["audio", "video"]).filter((kind) => !this.track(kind));
    if (wanted.length === 2 && await this.#ask(wanted)) return;
    for (const kind of wanted) if (!this.track(kind)) await this.#ask([kind]);
  }

  #hang() {
    const standIn = this.#standIn?.();
    if (!standIn) return;
    this.#drop(this.track("video"));
    standIn.enabled = this.#on.video;
    this.stream.addTrack(standIn);
    this.#tell("video");
  }

  /** @param {Kind[]} kinds @param {string} [device] @returns {Promise<boolean>} */
  async #ask(kinds, device) {
    if (this.isCurtained) kinds = kinds.filter((kind) => kind !== "video");
    if (kinds.length === 0) return true;
    if (!navigator.mediaDevices) return this.#fail(kinds, "insecure");
    try {
      const asked = Object.fromEntries(kinds.map((kind) => [kind, wishes(kind, device)]));
      const got = await navigator.mediaDevices.getUserMedia(asked);
      for (const track of got.getTracks()) this.#take(track);
      return true;
    } catch (fault) {
      // With both asked for, either may be at fault: the caller asks for each alone.
      const code = FAULTS[fault instanceof DOMException ? fault.name : ""] ?? "busy";
      return kinds.length === 1 ? this.#fail(kinds, code) : false;
    }
  }

  /** @param {Kind[]} kinds @param {Fault} code */
  #fail(kinds, code) {
    for (const kind of kinds) {
      this.faults[kind] = code;
      this.#tell(kind);
    }
    return false;
  }

  /** @param {MediaStreamTrack} track */
  #take(track) {
    const kind = /** @type {Kind} */ (track.kind);
    // The camera may open after its page has closed, or behind a curtain drawn meanwhile.
    if (this.#closed || (kind === "video" && this.isCurtained)) return track.stop();
    this.#drop(this.track(kind));
    this.stream.addTrack(track);
    this.faults[kind] = "";
    track.enabled = this.#on[kind];
    track.addEventListener("ended", () => this.#ended(kind, track), { once: true });
    this.#tell(kind);
  }

  /** A camera that was pulled out, or taken by the system. @param {Kind} kind @param {MediaStreamTrack} track */
  #ended(kind, track) {
    if (!this.stream.getTracks().includes(track)) return;
    this.stream.removeTrack(track);
    if (!this.#closed) this.#fail([kind], "busy");
  }

  /** @param {MediaStreamTrack | null} track */
  #drop(track) {
    if (!track) return;
    this.stream.removeTrack(track);
    track.stop();
  }

  /** @param {Kind} kind */
  #tell(kind) {
    this.dispatchEvent(new CustomEvent("change", { detail: kind }));
  }
}
