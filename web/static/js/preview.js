/** This side's camera and microphone before the call: picture, level, faults in words, choice of device. */

import { LocalMedia } from "./call/media.js";
import { find, option } from "./dom.js";
import { wireSwitches } from "./saver.js";

/** @import {Kind} from "./call/media.js" */

const HEARD = 0.02; // of full scale: a voice at arm's length
const LISTEN_FOR = 5_000; // milliseconds until a silent microphone is mentioned
const LOOK = 100; // milliseconds

export class Preview {
  media = new LocalMedia();
  #root;
  #state = "opening";
  #heard = false;
  #since = performance.now();
  /** @type {AudioContext | null} */ #audio = null;
  /** @type {AnalyserNode | null} */ #analyser = null;
  /** @type {any} */ #timer = undefined;

  /** @param {HTMLElement} root the figure */
  constructor(root) {
    this.#root = root;
    this.media.addEventListener("change", () => this.#changed());
    wireSwitches(root);
    for (const select of root.querySelectorAll("select")) {
      select.addEventListener("change", () => void this.media.choose(kindOf(select), select.value));
    }
  }

  async open() {
    this.#root.hidden = false;
    this.#say();
    this.#timer = setInterval(() => this.#look(), LOOK);
    await this.media.open();
    await this.#list();
  }

  /** The stream goes on into the call: nothing is stopped. */
  release() {
    clearInterval(this.#timer);
    void this.#audio?.close().catch(() => {});
    this.#audio = null;
    return this.media.stream;
  }

  close() {
    this.release();
    this.media.close();
    this.#root.hidden = true;
  }

  #changed() {
    this.#show();
    this.#listen();
    this.#say();
  }

  /** Not before there is a picture: a page counts as loading for as long as an element waits for its first one. */
  #show() {
    const own = find(this.#root, "[data-own]", HTMLVideoElement);
    if (this.media.stream.active && own.srcObject !== this.media.stream) own.srcObject = this.media.stream;
  }

  #listen() {
    const track = this.media.track("audio");
    void this.#audio?.close().catch(() => {});
    this.#audio = this.#analyser = null;
    if (!track || !("AudioContext" in window)) return;
    this.#audio = new AudioContext();
    this.#analyser = new AnalyserNode(this.#audio, { fftSize: 1024 });
    this.#audio.createMediaStreamSource(new MediaStream([track])).connect(this.#analyser);
    this.#heard = false;
    this.#since = performance.now();
  }

  #look() {
    const level = this.#level();
    if (level > HEARD) this.#heard = true;
    find(this.#root, "[data-level]", HTMLMeterElement).value = Math.min(10, Math.sqrt(level) * 14);
    this.#say();
  }

  #level() {
    if (!this.#analyser || this.#audio?.state !== "running") return 0;
    const samples = new Float32Array(this.#analyser.fftSize);
    this.#analyser.getFloatTimeDomainData(samples);
    return Math.max(...samples.map(Math.abs));
  }

  /** Reveals the words for how it stands. */
  #say() {
    const state = this.#find();
    if (state === this.#state) return;
    this.#state = state;
    for (const element of this.#root.querySelectorAll("[data-media]")) {
      if (element instanceof HTMLElement) element.hidden = element.dataset.media !== state;
    }
    const { audio, video } = this.media.faults;
    for (const element of this.#root.querySelectorAll("[data-fault]")) {
      if (element instanceof HTMLElement) element.hidden = ![audio, video].includes(/** @type {any} */ (element.dataset.fault));
    }
  }

  #find() {
    const [audio, video] = [this.media.track("audio"), this.media.track("video")];
    if (!audio && !video) return this.media.faults.audio || this.media.faults.video ? "none" : "opening";
    if (!video) return "no-camera";
    if (!audio) return "no-microphone";
    // A level that nothing may measure is no reason to doubt the microphone.
    const measures = this.#audio?.state === "running";
    return measures && !this.#heard && performance.now() - this.#since > LISTEN_FOR ? "quiet" : "good";
  }

  async #list() {
    for (const select of this.#root.querySelectorAll("select")) {
      const kind = kindOf(select);
      const current = this.media.track(kind)?.getSettings().deviceId;
      const found = await this.media.devices(kind);
      select.replaceChildren(...found.map((one, number) => option(one.deviceId, one.label || String(number + 1), one.deviceId === current)));
      select.disabled = found.length === 0;
    }
    find(this.#root, "[data-devices]", HTMLElement).hidden = false;
  }
}

/** @param {HTMLSelectElement} select @returns {Kind} */
function kindOf(select) {
  return select.dataset.choose === "video" ? "video" : "audio";
}
