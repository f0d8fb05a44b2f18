/**
 * Named blobs between the two pages of a call, over whichever `pieces` channel there is: paced beside the voice, the most
 * important parts first, taken up again on a new connection where it was cut. Generic: kinds and ids are the caller's.
 */

import { decode } from "./pieces.js";
import { Receiving } from "./receiving.js";
import { Sending } from "./sending.js";

/** @import {Blob, Options, Outgoing} from "./sending.js" */

/**
 * The largest blob of each kind that is taken, in bytes of all its parts.
 * @typedef {Record<number, number>} Limits
 */

export class Transfer {
  #sending;
  #receiving;
  /** @type {RTCDataChannel | null} */ #channel = null;
  #listeners = new AbortController();

  /** @param {Options & {limits: Limits}} options */
  constructor({ limits, ...options }) {
    this.#sending = new Sending(options);
    this.#receiving = new Receiving({
      accepts: ({ kind, sizes }) => sizes.reduce((sum, size) => sum + size, 0) <= (limits[kind] ?? 0),
      put: (frame) => this.#channel?.readyState === "open" && this.#channel.send(frame), now: options.now,
    });
  }

  /** What comes in: events `offer`, `part`, `whole` and `gone`. */
  get incoming() {
    return /** @type {EventTarget} */ (this.#receiving);
  }

  /** kbit/s that pieces take now, at most. */
  get kbps() {
    return this.#sending.kbps;
  }

  /** @param {Blob} blob @param {(out: Outgoing) => void} [begun] */
  send(blob, begun) {
    return this.#sending.send(blob, begun);
  }

  /** On either side: nobody needs it any more. @param {string} id */
  cancel(id) {
    this.#sending.cancel(id);
    this.#receiving.drop(id);
  }

  /** The channel of a new connection; what was under way goes on there. @param {RTCDataChannel} channel */
  attach(channel) {
    this.#listeners.abort();
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    this.#channel = channel;
    channel.binaryType = "arraybuffer";
    channel.addEventListener("message", ({ data }) => this.take(data), { signal });
    channel.addEventListener("close", () => this.#sending.attach(null), { signal });
    if (channel.readyState === "open") this.#sending.attach(channel);
    else channel.addEventListener("open", () => this.#sending.attach(channel), { signal });
  }

  /** A frame, such as one that came before anybody listened. What is no frame of ours is passed over. @param {unknown} data */
  take(data) {
    if (!(data instanceof ArrayBuffer)) return;
    try {
      this.#take(decode(data));
    } catch (fault) {
      if (!(fault instanceof RangeError)) throw fault;
    }
  }

  close() {
    this.#listeners.abort();
    this.#sending.close();
    this.#channel = null;
  }

  /** @param {import("./pieces.js").Frame} frame */
  #take(frame) {
    switch (frame.type) {
      case "offer": return this.#receiving.offer(frame);
      case "piece": return this.#receiving.piece(frame);
      case "cancel": return this.#receiving.cancel(frame.number);
      case "have": return this.#sending.have(frame);
      case "done": return this.#sending.done(frame);
    }
  }
}
