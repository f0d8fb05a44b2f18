/** Taking a photo with a laptop's camera: a dialog with the picture as it is. On a phone its own camera is better. */

import { byId } from "./dom.js";

const WISH = { width: { ideal: 1920 }, height: { ideal: 1080 } };

export class Camera extends EventTarget {
  #dialog = byId("camera", HTMLDialogElement);
  #picture = byId("camera-picture", HTMLVideoElement);
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {"environment" | "user"} */
  #facing = "environment";

  /** Event `taken` (detail: Blob) for each photo; event `file` when a file is wanted instead. */
  constructor() {
    super();
    byId("camera-take", HTMLButtonElement).addEventListener("click", () => void this.#take());
    byId("camera-flip", HTMLButtonElement).addEventListener("click", () => void this.#flip());
    byId("camera-file", HTMLButtonElement).addEventListener("click", () => this.dispatchEvent(new Event("file")));
    byId("camera-close", HTMLButtonElement).addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#release());
  }

  /** Whether the dialog is of use here: a page may ask for a camera, and no finger says that this is a phone. */
  static get isWanted() {
    return Boolean(navigator.mediaDevices?.getUserMedia) && !matchMedia("(pointer: coarse)").matches;
  }

  async open() {
    this.#dialog.showModal();
    await this.#start();
  }

  async #start() {
    this.#release();
    const denied = byId("camera-denied", HTMLElement);
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { ...WISH, facingMode: this.#facing }, audio: false });
      if (!this.#dialog.open) return stop(stream); // closed while the browser asked
      this.#stream = stream;
      this.#picture.srcObject = stream;
      denied.hidden = true;
    } catch {
      denied.hidden = false;
    }
    byId("camera-take", HTMLButtonElement).disabled = !this.#stream;
    const devices = await navigator.mediaDevices.enumerateDevices();
    byId("camera-flip", HTMLButtonElement).hidden = devices.filter((device) => device.kind === "videoinput").length < 2;
  }

  async #flip() {
    this.#facing = this.#facing === "user" ? "environment" : "user";
    await this.#start();
  }

  async #take() {
    const { videoWidth, videoHeight } = this.#picture;
    if (!videoWidth) return;
    const canvas = document.createElement("canvas");
    canvas.width = videoWidth;
    canvas.height = videoHeight;
    canvas.getContext("2d")?.drawImage(this.#picture, 0, 0);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
    this.#dialog.close();
    if (blob instanceof Blob) this.dispatchEvent(new CustomEvent("taken", { detail: blob }));
  }

  #release() {
    if (this.#stream) stop(this.#stream);
    this.#stream = null;
    this.#picture.srcObject = null;
  }
}

/** @param {MediaStream} stream */
function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}
