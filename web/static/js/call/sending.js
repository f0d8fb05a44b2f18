/**
 * Blobs on their way out: offered, sent cell by cell in the order of their parts, offered again on a new connection, and kept
 * until the other side says that it has them whole. Knows no DOM; the channel comes and goes.
 */

import { timer } from "../time.js";
import { Grid } from "./grid.js";
import { Pace } from "./pace.js";
import { CELL, MOST_PARTS, MOST_SIZE, encode } from "./pieces.js";

/** @import {Done, Have, Outcome} from "./pieces.js" */

const BUFFER = 1_200;         // bytes waiting in the channel at most: what waits there can no longer make way for the voice
const DRAIN = 40;             // milliseconds until a full channel is looked at again
const SILENCE = 12_000;       // milliseconds after the last cell until the other side is asked what it has
const MOST_WAITING = 8;       // blobs
const FAULTS_AT_MOST = 2;     // times a blob may arrive broken

/**
 * @typedef {{kind: number, id: string, about?: Uint8Array, parts: Uint8Array[], priority?: number}} Blob
 * @typedef {(outcome: Outcome | "cancelled") => void} Settle
 * @typedef {{now?: () => number, later?: (deed: () => void, wait: number) => () => void, spare?: () => number | undefined, carry?: (isCarrying: boolean) => void}} Options
 */

export class Outgoing extends EventTarget {
  number = crypto.getRandomValues(new Uint32Array(1))[0];
  asked = false;              // offered again: what the other side has is not known yet
  offered = false;
  faults = 0;
  /** @type {Float64Array} when each cell left */ sentAt;
  sent;                       // cells that left on this connection, or are there
  there;                      // cells that the other side has

  /** Emits `progress`. @param {Required<Blob>} blob @param {Uint8Array} hash @param {Settle} settle */
  constructor(blob, hash, settle) {
    super();
    this.blob = blob;
    this.hash = hash;
    this.settle = settle;
    this.sizes = blob.parts.map((part) => part.length);
    this.sent = new Grid(this.sizes);
    this.there = new Grid(this.sizes);
    this.sentAt = new Float64Array(this.sent.length);
  }

  /** From 0 to 1, as the other side says. */
  get share() {
    return this.there.count / this.there.length;
  }

  offer() {
    const { kind, id, about } = this.blob;
    return encode({ type: "offer", number: this.number, kind, id, about, sizes: this.sizes, hash: this.hash });
  }

  /** @param {number} cell */
  piece(cell) {
    const { part, offset, end } = this.sent.place(cell);
    return encode({ type: "piece", number: this.number, part, offset, bytes: this.blob.parts[part].subarray(offset, end) });
  }

  again() {
    this.sent = new Grid(this.sizes);
    this.there = new Grid(this.sizes);
  }
}

export class Sending {
  /** @type {Outgoing[]} highest priority first */ #waiting = [];
  /** @type {RTCDataChannel | null} */ #channel = null;
  #pace;
  #now;
  #later;
  #carry;
  #stop = () => {};
  #heardAt = 0;

  /** @param {Options} options `spare`: kbit/s that the link has free beside the voice; `carry` hears when something is on its way, and when not */
  constructor({ now = () => performance.now(), later = timer, spare, carry = () => {} } = {}) {
    this.#carry = carry;
    this.#now = now;
    this.#later = later;
    this.#pace = new Pace(spare);
  }

  /** kbit/s that pieces take now, at most. */
  get kbps() {
    return this.#pace.kbps;
  }

  /**
   * Resolves when the other side has it whole ("taken"), will not have it, or it was cancelled. `begun` hears of the blob on
   * its way. Throws RangeError for a blob that no channel of ours carries.
   * @param {Blob} given @param {(out: Outgoing) => void} [begun] @returns {Promise<Outcome | "cancelled">}
   */
  async send(given, begun = () => {}) {
    const blob = { about: new Uint8Array(), priority: 0, ...given };
    if (!fits(blob) || this.#waiting.length >= MOST_WAITING) throw new RangeError("cannot be sent");
    const hash = await digest(blob.parts);
    return await new Promise((resolve) => {
      const out = new Outgoing(blob, hash, resolve);
      if (this.#waiting.length === 0) this.#begin();
      this.#waiting.push(out);
      this.#waiting.sort((one, other) => other.blob.priority - one.blob.priority);
      begun(out);
      this.#pump();
    });
  }

  #begin() {
    this.#carry(true);
    this.#pace.begin();
  }

  /** @param {string} id of the blobs that are not wanted any more */
  cancel(id) {
    for (const out of this.#waiting.filter(({ blob }) => blob.id === id)) {
      this.#put(encode({ type: "cancel", number: out.number }));
      this.#settle(out, "cancelled");
    }
  }

  /** @param {RTCDataChannel | null} channel that is open, or null: the connection is gone */
  attach(channel) {
    this.#channel = channel;
    this.#stop();
    if (!channel) return;
    this.#pace.anew();
    this.#heardAt = this.#now();
    for (const out of this.#waiting) out.asked = out.offered;
    for (const out of this.#waiting) if (out.asked) this.#put(out.offer());
    this.#pump();
  }

  /** @param {Have} frame */
  have({ number, bits }) {
    const out = this.#waiting.find((one) => one.number === number);
    const before = out?.there.count ?? 0;
    if (!out || !out.there.read(bits)) return;
    this.#heardAt = this.#now();
    if (out.asked) out.sent.read(bits);
    else if (out.there.count > before) this.#pace.heard(newest(out), this.#now());
    out.asked = false;
    out.dispatchEvent(new Event("progress"));
    this.#pump();
  }

  /** @param {Done} frame */
  done({ number, outcome }) {
    const out = this.#waiting.find((one) => one.number === number);
    if (!out) return;
    if (outcome !== "broken" || ++out.faults >= FAULTS_AT_MOST) return this.#settle(out, outcome);
    out.again();
    out.offered = false;
    this.#pump();
  }

  close() {
    this.attach(null);
    for (const out of [...this.#waiting]) this.#settle(out, "cancelled");
  }

  /** @param {Outgoing} out @param {Outcome | "cancelled"} outcome */
  #settle(out, outcome) {
    this.#waiting = this.#waiting.filter((one) => one !== out);
    if (outcome === "taken") out.there.read(new Uint8Array(Math.ceil(out.there.length / 8)).fill(255));
    out.dispatchEvent(new Event("progress"));
    out.settle(outcome);
    if (this.#waiting.length === 0) this.#carry(false);
    this.#pump();
  }

  #pump() {
    this.#stop();
    while (this.#channel?.readyState === "open") {
      const out = this.#waiting.find((one) => !one.asked && !one.sent.isFull);
      if (!out) return this.#waitForAnswer();
      if (!out.offered) this.#offer(out);
      const wait = this.#pace.wait(CELL, this.#now()) || (this.#channel.bufferedAmount > BUFFER - CELL ? DRAIN : 0);
      if (wait) return this.#after(wait, () => this.#pump());
      this.#piece(out);
    }
  }

  /** @param {Outgoing} out */
  #offer(out) {
    out.offered = true;
    this.#put(out.offer());
  }

  /** @param {Outgoing} out */
  #piece(out) {
    const cell = out.sent.next(), frame = out.piece(cell);
    this.#put(frame);
    this.#pace.spent(frame.length);
    out.sent.mark(cell);
    out.sentAt[cell] = this.#heardAt = this.#now();
  }

  /** The channel loses nothing; but a page that was reloaded, or one that hears late, has to be offered it again. */
  #waitForAnswer() {
    if (!this.#waiting.length) return;
    this.#after(Math.max(DRAIN, this.#heardAt + SILENCE - this.#now()), () => {
      if (this.#now() - this.#heardAt >= SILENCE) this.attach(this.#channel);
      else this.#pump();
    });
  }

  /** @param {number} wait @param {() => void} deed */
  #after(wait, deed) {
    this.#stop();
    this.#stop = this.#later(deed, wait);
  }

  /** @param {Uint8Array<ArrayBuffer>} frame */
  #put(frame) {
    if (this.#channel?.readyState === "open") this.#channel.send(frame);
  }
}

/** @param {Required<Blob>} blob */
function fits({ parts }) {
  return parts.length > 0 && parts.length <= MOST_PARTS && parts.every(({ length }) => length > 0 && length <= MOST_SIZE);
}

/** When the newest of the cells that arrived had left. @param {Outgoing} out */
function newest(out) {
  return out.sentAt.reduce((latest, at, cell) => out.there.has(cell) ? Math.max(latest, at) : latest, 0);
}

/** @param {Uint8Array[]} parts */
export async function digest(parts) {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}
