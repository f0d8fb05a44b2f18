/**
 * The doctor's part in a sharp still: asks for it, shows it as it comes (first the whole, small and soft, then tile by tile), says
 * how far it is, and brings it to the record.
 */

import { fill, find } from "../dom.js";
import { HttpError } from "../http.js";
import { send } from "../photo.js";
import { timeOfDay } from "../time.js";
import { channel } from "../wire.js";
import { KIND, sizeOf, tiles } from "./tiles.js";

/** @import {Announced} from "./receiving.js" */

const QUALITY = 0.92;         // of the JPEG for the record: the line from here is good

/** States after which the next one may be asked for. */
const OVER = ["", "kept", "not-kept", "curtain", "camera-off", "no-camera", "no-answer", "refused", "busy", "failed",
  "nobody-there", "too-many"];

export class DoctorStill {
  #scene;
  #transfer;
  #id = "";
  #state = "";
  #peer = "";
  #isOffered = false;
  #drawn = "";                // the still on the canvas
  #canvas;
  #large;
  /** @type {Set<string>} stills that lie in the record already */ #kept = new Set();

  /** @param {import("./features.js").Scene} scene @param {import("./transfer.js").Transfer} transfer */
  constructor(scene, transfer) {
    const { root, link, signal } = scene;
    this.#scene = scene;
    this.#transfer = transfer;
    this.#canvas = find(root, "[data-still-canvas]", HTMLCanvasElement);
    this.#large = find(root, "dialog[data-still-large]", HTMLDialogElement);
    /** @param {string} name @param {(detail: any) => void} handler */
    const on = (name, handler) => transfer.incoming.addEventListener(name, (event) => handler(/** @type {CustomEvent} */ (event).detail), { signal });
    on("offer", (blob) => this.#offered(blob));
    on("part", ({ blob, part, bytes, share }) => void this.#part(blob, part, bytes, share));
    on("whole", ({ blob }) => { if (blob.kind === KIND.still) void this.#arrived.then(() => this.#keep(blob.id)); });
    link.addEventListener("people", () => this.#people(), { signal });
    find(root, "[data-still-open]", HTMLButtonElement).addEventListener("click", () => this.#enlarge(), { signal });
    find(root, "[data-still-close]", HTMLButtonElement).addEventListener("click", () => this.#card(false), { signal });
  }

  /** Tiles are decoded one after the other, and the record gets the picture when all are drawn. */
  #arrived = Promise.resolve();

  /** "Chụp nét" was pressed. */
  ask() {
    this.#card(true);
    if (!OVER.includes(this.#state)) return this.#scene.view.show("still-already", "true");
    this.#id = crypto.randomUUID();
    this.#isOffered = false;
    find(this.#scene.root, "[data-still-picture]", HTMLElement).hidden = true;
    this.#want();
  }

  /** @param {{still: string, state: string}} message */
  told({ still, state }) {
    if (state === "kept") this.#kept.add(still);
    if (still !== this.#id || (state === "taking" && this.#isOffered)) return;
    this.#show(state);
  }

  #want() {
    this.#show("asked");
    this.#peer = this.#scene.link.other?.peer ?? "";
    const still = this.#id;
    channel.send({ type: "photo-wanted", call: this.#scene.call, still }).catch(({ code }) => {
      if (still === this.#id) this.#show(OVER.includes(code) ? code : "failed");
    });
  }

  /** The station's page came back as another: what it had is lost, unless it offers it by itself. */
  #people() {
    const other = this.#scene.link.other;
    if (OVER.includes(this.#state) || this.#state === "keeping" || !other || other.peer === this.#peer) return;
    this.#want();
  }

  /** @param {Announced} blob */
  #offered({ kind, id, about }) {
    const size = sizeOf(about);
    if (kind !== KIND.thumb && kind !== KIND.still) return;
    if (!size) return this.#transfer.cancel(id);
    // Our own page was reloaded in the middle: the station goes on with what was asked for before.
    if (id !== this.#id && !OVER.includes(this.#state)) return this.#transfer.cancel(id);
    if (id !== this.#id) this.#card(true);
    this.#id = id;
    this.#isOffered = true;
    if (this.#canvas.width !== size.width || this.#canvas.height !== size.height || this.#drawn !== id) Object.assign(this.#canvas, size);
    this.#drawn = id;
    fill(this.#scene.root, { stillPercent: 0, stillAt: timeOfDay(new Date()) });
    this.#show("receiving");
  }

  /** @param {Announced} blob @param {number} part @param {Uint8Array<ArrayBuffer>} bytes @param {number} share */
  #part({ kind, id, about }, part, bytes, share) {
    const size = sizeOf(about);
    if (id !== this.#id || !size) return;
    const area = kind === KIND.thumb ? { x: 0, y: 0, ...size } : tiles(size)[part];
    if (this.#state === "asked" || this.#state === "taking") this.#show("receiving");
    if (kind === KIND.still) fill(this.#scene.root, { stillPercent: Math.floor(100 * share) });
    this.#arrived = this.#arrived.then(() => this.#draw(bytes, area, kind)).catch(() => {});
    return this.#arrived;
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes @param {import("./tiles.js").Area | undefined} area @param {number} kind */
  async #draw(bytes, area, kind) {
    const pen = this.#canvas.getContext("2d");
    if (!area || !pen) return;
    const picture = await createImageBitmap(new Blob([bytes]));
    // The soft picture may come late: never over a tile that is sharp.
    pen.globalCompositeOperation = kind === KIND.thumb ? "destination-over" : "source-over";
    pen.drawImage(picture, area.x, area.y, area.width, area.height);
    picture.close();
    find(this.#scene.root, "[data-still-picture]", HTMLElement).hidden = false;
    if (this.#large.open) this.#copy();
  }

  /** @param {string} id */
  async #keep(id) {
    if (id !== this.#id || this.#kept.has(id)) return;
    this.#show("keeping");
    const blob = await new Promise((resolve) => this.#canvas.toBlob(resolve, "image/jpeg", QUALITY));
    const { call, signal } = this.#scene;
    try {
      await send(`/calls/${call}/stills/${id}`, id, blob, { signal, onProgress: () => {}, onWait: () => {} });
      if (id === this.#id) this.#show("kept");
    } catch (error) {
      if (error instanceof HttpError && id === this.#id) this.#show("not-kept");
    }
  }

  /** @param {string} state */
  #show(state) {
    this.#state = state;
    this.#scene.view.show("still", state);
    this.#scene.view.show("still-already", "");
  }

  /** @param {boolean} shown */
  #card(shown) {
    find(this.#scene.root, "[data-still-card]", HTMLElement).hidden = !shown;
  }

  #enlarge() {
    this.#copy();
    this.#large.showModal();
  }

  #copy() {
    const canvas = find(this.#large, "canvas", HTMLCanvasElement);
    Object.assign(canvas, { width: this.#canvas.width, height: this.#canvas.height });
    canvas.getContext("2d")?.drawImage(this.#canvas, 0, 0);
  }
}
