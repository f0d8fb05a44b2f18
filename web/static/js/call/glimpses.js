/**
 * Small pictures every few seconds where the line carries no film: sent while our own rung is "stills", shown in place of the
 * frozen film with their age in words. Never kept, never behind a curtain, and always after a sharp still.
 */

import { fill, find } from "../dom.js";
import { timeOfDay } from "../time.js";
import { encoded, glance, shrunk } from "./frames.js";
import { KIND, about, glimpseBytes, sizeOf } from "./tiles.js";

/** @import {Peer} from "../protocol.js" */

const EDGE = 320;             // pixels along the longer side
const APART = 4_000;          // milliseconds between two, at least
const LATER = 2_000;          // milliseconds until a camera that gives nothing is looked at again
const OLD = 90_000;           // milliseconds after which a picture says nothing about now
const TICK = 1_000;

export class Glimpses {
  #scene;
  #transfer;
  #on = false;
  #id = "";                   // of the one on its way
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #next;
  #at = 0;                    // when the one that is shown came
  #figure;
  #canvas;

  /** @param {import("./features.js").Scene} scene @param {import("./transfer.js").Transfer} transfer */
  constructor(scene, transfer) {
    const { root, link, signal } = scene;
    this.#scene = scene;
    this.#transfer = transfer;
    this.#figure = find(root, "[data-glimpse]", HTMLElement);
    this.#canvas = find(this.#figure, "canvas", HTMLCanvasElement);
    transfer.incoming.addEventListener("whole", (event) => {
      const { blob, parts } = /** @type {CustomEvent} */ (event).detail;
      if (blob.kind === KIND.glimpse) void this.#show(blob.about, parts[0]);
    }, { signal });
    link.addEventListener("other", (event) => this.#other(/** @type {CustomEvent<Peer>} */ (event).detail), { signal });
    link.addEventListener("people", () => { if (!link.other) this.#hide(); }, { signal });
    const timer = setInterval(() => this.#tick(), TICK);
    signal.addEventListener("abort", () => { clearInterval(timer); clearTimeout(this.#next); });
    this.turn(link.rung);
  }

  /** The rung on which we send: below it, the rest of a picture would be in the way of what still goes through. @param {string} rung */
  turn(rung) {
    const on = rung === "stills";
    if (on === this.#on) return;
    this.#on = on;
    clearTimeout(this.#next);
    if (on) void this.#send();
    else this.#transfer.cancel(this.#id);
  }

  async #send() {
    const { media, signal } = this.#scene;
    const began = performance.now(), track = media.track("video");
    const picture = media.isCurtained || !media.isOn("video") || !track ? null : await glance(track).catch(() => null);
    if (picture && !media.isCurtained) await this.#carry(picture);
    picture?.close();
    if (!this.#on || signal.aborted) return;
    const wait = picture ? Math.max(0, began + APART - performance.now()) : LATER;
    this.#next = setTimeout(() => void this.#send(), wait);
  }

  /** @param {ImageBitmap} picture */
  async #carry(picture) {
    const canvas = shrunk(picture, EDGE), parts = await encoded([canvas], glimpseBytes(this.#transfer.kbps));
    this.#id = crypto.randomUUID();
    if (this.#on) await this.#transfer.send({ kind: KIND.glimpse, id: this.#id, about: about(canvas), parts }).catch(() => {});
  }

  /** @param {Uint8Array} said @param {Uint8Array<ArrayBuffer>} bytes */
  async #show(said, bytes) {
    const size = sizeOf(said), picture = size && await createImageBitmap(new Blob([bytes])).catch(() => null);
    if (!picture || this.#scene.link.other?.curtain) return;
    Object.assign(this.#canvas, size);
    this.#canvas.getContext("2d")?.drawImage(picture, 0, 0, this.#canvas.width, this.#canvas.height);
    picture.close();
    this.#at = performance.now();
    this.#figure.hidden = false;
    fill(this.#figure, { glimpseAt: `${timeOfDay(new Date())}:${String(new Date().getSeconds()).padStart(2, "0")}` });
    this.#tick();
  }

  /** The film is back, or nothing of the camera leaves. @param {Peer} other */
  #other({ rung, curtain, camera }) {
    if (curtain || !camera || (rung && rung !== "stills")) this.#hide();
  }

  #hide() {
    this.#figure.hidden = true;
  }

  #tick() {
    const age = performance.now() - this.#at;
    if (age > OLD) this.#hide();
    fill(this.#figure, { glimpseAge: Math.round(age / 1000) });
  }
}
