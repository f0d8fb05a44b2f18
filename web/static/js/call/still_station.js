/**
 * The station's part in a sharp still: asks the worker where the patient has to be asked, takes the picture, sends it on, and
 * keeps it until it lies in the record; brings it there itself when the doctor's page is gone.
 */

import { fill, find } from "../dom.js";
import { get, postUntilAnswered } from "../http.js";
import { send } from "../photo.js";
import { channel } from "../wire.js";
import { drawn, encoded, obstacle, shrunk, take } from "./frames.js";
import { KIND, LONGEST, about, stillBytes, tiles } from "./tiles.js";

const THUMB = 160;            // pixels
const THUMB_BYTES = 1_400;
const ANSWER_WITHIN = 60_000; // milliseconds until a question that nobody answers is taken back
const ALONE = 10_000;         // milliseconds without a doctor until the station brings the picture to the record itself
const SHOWN = 8_000;          // milliseconds for which the last word stays

/** @typedef {{id: string, canvas: OffscreenCanvas | null, peer: string, arrived: boolean}} Still */
/** @typedef {"asking" | "taking" | "curtain" | "camera-off" | "no-camera" | "no-answer" | "busy" | "failed"} State */

export class StationStill {
  #scene;
  #transfer;
  /** @type {Still | null} */ #still = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #hiding;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #alone;
  #question;

  /** @param {import("./features.js").Scene} scene @param {import("./transfer.js").Transfer} transfer */
  constructor(scene, transfer) {
    const { root, link, call, signal } = scene;
    this.#scene = scene;
    this.#transfer = transfer;
    this.#question = find(root, "dialog[data-still-consent]", HTMLDialogElement);
    link.addEventListener("people", () => this.#people(), { signal });
    const stop = channel.on("call-changed", (message) => {
      if (message.call === call && ["ended", "failed"].includes(message.state)) void this.#bring();
    });
    signal.addEventListener("abort", stop);
  }

  /** The doctor asks for a still. @param {{still: string, ask: boolean}} wish */
  async asked({ still, ask }) {
    const now = this.#still;
    if (now?.id === still) return now.arrived ? this.#send(now) : undefined;
    if (now && !now.arrived) return this.#tell(still, "busy");
    const taken = this.#still = { id: still, canvas: null, peer: "", arrived: false };
    const isTaken = (!ask || await this.#ask(still)) && await this.#take(taken);
    if (isTaken) return this.#send(taken);
    if (this.#still === taken) this.#still = null;
  }

  /** @param {{still: string, state: string}} message */
  told({ still, state }) {
    if (state !== "kept" || this.#still?.id !== still) return;
    this.#still = null;
    this.#show("kept");
  }

  /** True when the patient agrees. @param {string} id */
  async #ask(id) {
    this.#tell(id, "asking");
    const pressed = await this.#answer();
    if (pressed === "") this.#tell(id, "no-answer");
    if (pressed === "") return false;
    const address = `/calls/${this.#scene.call}/stills/${id}/consent`;
    try {
      const { agreed } = await postUntilAnswered(address, { agreed: pressed === "yes" }, { signal: this.#scene.signal });
      if (!agreed) this.#show("refused");
      return agreed;
    } catch {
      this.#tell(id, "failed");       // answered otherwise on another page, or the call is over
      return false;
    }
  }

  /** @returns {Promise<string>} "yes", "no", or "": nobody pressed anything */
  #answer() {
    const dialog = this.#question;
    dialog.returnValue = "";
    dialog.show();
    const timer = setTimeout(() => dialog.close(""), ANSWER_WITHIN);
    return new Promise((resolve) => dialog.addEventListener("close", () => {
      clearTimeout(timer);
      resolve(dialog.returnValue);
    }, { once: true }));
  }

  /** @param {Still} still */
  async #take(still) {
    const { media } = this.#scene;
    const why = await obstacle(media);
    if (why) return this.#fail(still, why);
    this.#tell(still.id, "taking");
    this.#show("taking");
    try {
      const picture = await take(media);
      if (media.isCurtained) return this.#fail(still, "curtain");
      still.canvas = shrunk(picture, LONGEST);
      picture.close();
      return true;
    } catch {
      return this.#fail(still, "failed");
    }
  }

  /** @param {Still} still */
  async #send(still) {
    still.arrived = false;
    still.peer = this.#scene.link.other?.peer ?? "";
    this.#progress(0);
    try {
      still.arrived = still.canvas !== null && await this.#carry(still.id, still.canvas);
      if (this.#still === still) this.#show(still.arrived ? "sent" : "");
    } catch {
      this.#fail(still, "failed");
    }
  }

  /** True when the doctor's page has it whole. @param {string} id @param {OffscreenCanvas} canvas */
  async #carry(id, canvas) {
    const small = await encoded([drawn(canvas, smallOf(canvas))], THUMB_BYTES);
    void this.#transfer.send({ kind: KIND.thumb, id, about: about(canvas), parts: small, priority: 3 });
    const cut = tiles(canvas).map((area) => drawn(canvas, area, area));
    const parts = await encoded(cut, stillBytes(this.#transfer.kbps));
    const outcome = await this.#transfer.send({ kind: KIND.still, id, about: about(canvas), parts, priority: 2 },
      (out) => out.addEventListener("progress", () => this.#progress(out.share)));
    return outcome === "taken";
  }

  /** Another page of the doctor's is there, or none at all. */
  #people() {
    const still = this.#still, other = this.#scene.link.other;
    clearTimeout(this.#alone);
    if (!still?.canvas) return;
    if (!other) this.#alone = setTimeout(() => void this.#bring(), ALONE);
    else if (still.arrived && other.peer !== still.peer) void this.#send(still);
  }

  /** The doctor's page cannot keep it any more: whoever has the picture brings it to the record. */
  async #bring() {
    const still = this.#still;
    if (!still?.canvas) return;
    const { call } = this.#scene, address = `/calls/${call}/stills/${still.id}`;
    this.#transfer.cancel(still.id);
    try {
      if (!(await get(address)).kept) {
        const blob = await still.canvas.convertToBlob({ type: "image/jpeg", quality: 0.7 });
        await send(address, still.id, blob, { signal: new AbortController().signal, onProgress: () => {}, onWait: () => {} });
      }
      this.told({ still: still.id, state: "kept" });
    } catch {
      this.#show("");       // refused for good: it was not asked for, or the patient does not agree any more
    }
  }

  /** @param {Still} still @param {State} why */
  #fail(still, why) {
    this.#tell(still.id, why);
    this.#show(why);
    return false;
  }

  /** @param {string} still @param {State} state */
  #tell(still, state) {
    channel.send({ type: "photo-state", call: this.#scene.call, still, state }).catch(() => {});
  }

  /** @param {number} share */
  #progress(share) {
    fill(this.#scene.root, { stillPercent: Math.floor(100 * share) });
    if (share < 1) this.#show("sending");
  }

  /** @param {string} state */
  #show(state) {
    clearTimeout(this.#hiding);
    this.#scene.view.show("still", state);
    if (!["taking", "sending", ""].includes(state)) this.#hiding = setTimeout(() => this.#scene.view.show("still", ""), SHOWN);
  }
}

/** @param {import("./tiles.js").Size} size */
function smallOf({ width, height }) {
  return { width: THUMB, height: Math.max(1, Math.round(THUMB * height / width)) };
}
