/**
 * Blobs on their way in: put together cell by cell, each part shown as soon as it is there, the whole checked by its SHA-256.
 * Nothing is believed: what was not offered, or offered larger than its kind may be, takes no memory. Knows no DOM.
 */

import { Grid } from "./grid.js";
import { encode } from "./pieces.js";
import { digest } from "./sending.js";

/** @import {Offer, Outcome, Piece} from "./pieces.js" */

const MOST_AT_ONCE = 8;       // blobs: as many as a sender lets wait
const MOST_EARLY = 32;        // pieces that came before their offer; 480 bytes each
const REMEMBERED = 32;        // blobs that are done with
const REPORT = 4;             // cells after which progress is told,
const REPORT_WITHIN = 1_000;  // or milliseconds,
const REPORT_APART = 100;     // but not more often than that

/** @typedef {{kind: number, id: string, about: Uint8Array, sizes: number[]}} Announced */

class Incoming {
  told = 0;                   // cells that were there when progress was last told
  toldAt = 0;

  /** @param {Offer} offer */
  constructor(offer) {
    this.offer = offer;
    this.grid = new Grid(offer.sizes);
    this.parts = offer.sizes.map((size) => new Uint8Array(size));
  }
}

export class Receiving extends EventTarget {
  /** @type {Map<number, Incoming>} by the sender's number */ #blobs = new Map();
  /** @type {Piece[]} */ #early = [];
  /** @type {Map<string, Outcome>} what became of them, by id, kind and hash */ #past = new Map();
  #accepts;
  #put;
  #now;

  /**
   * Emits `offer` (Announced), `part` ({blob, part, bytes, share}), `whole` ({blob, parts}) and `gone` (Announced).
   * @param {{accepts: (blob: Announced) => boolean, put: (frame: Uint8Array<ArrayBuffer>) => void, now?: () => number}} options
   */
  constructor({ accepts, put, now = () => performance.now() }) {
    super();
    this.#accepts = accepts;
    this.#put = put;
    this.#now = now;
  }

  /** @param {Offer} offer */
  offer(offer) {
    const past = this.#past.get(key(offer));
    const known = this.#blobs.get(offer.number);
    if (past) return this.#answer(offer.number, past);
    if (known && key(known.offer) !== key(offer)) this.cancel(offer.number);
    if (!this.#blobs.has(offer.number) && !this.#begin(offer)) return this.#answer(offer.number, "refused");
    const blob = this.#blobs.get(offer.number);
    if (blob) this.#tell(blob);
  }

  /** @param {Piece} piece */
  piece(piece) {
    const blob = this.#blobs.get(piece.number);
    if (!blob) return this.#keep(piece);
    const cell = blob.grid.cell(piece.part, piece.offset, piece.bytes.length);
    if (cell < 0 || !blob.grid.mark(cell)) return;
    blob.parts[piece.part].set(piece.bytes, piece.offset);
    if (blob.grid.hasPart(piece.part)) this.#show(blob, piece.part);
    if (blob.grid.isFull) void this.#finish(blob);
    else if (this.#isTime(blob)) this.#tell(blob);
  }

  /** The sender has given it up. @param {number} number */
  cancel(number) {
    const blob = this.#blobs.get(number);
    this.#blobs.delete(number);
    if (blob) this.#emit("gone", blob.offer);
  }

  /** Nobody here wants it any more. @param {string} id */
  drop(id) {
    for (const { offer } of [...this.#blobs.values()]) if (offer.id === id) this.#close(offer, "unwanted");
  }

  /** @param {Offer} offer */
  #begin(offer) {
    for (const old of [...this.#blobs.values()]) if (isSame(old.offer, offer)) this.cancel(old.offer.number);
    if (this.#blobs.size >= MOST_AT_ONCE || !this.#accepts(offer)) return false;
    this.#blobs.set(offer.number, new Incoming(offer));
    this.#emit("offer", offer);
    const early = this.#early.filter(({ number }) => number === offer.number);
    this.#early = this.#early.filter(({ number }) => number !== offer.number);
    for (const piece of early) this.piece(piece);
    return true;
  }

  /** Its offer may still be on its way; the oldest make room. @param {Piece} piece */
  #keep(piece) {
    this.#early.push(piece);
    if (this.#early.length > MOST_EARLY) this.#early.shift();
  }

  /** @param {Incoming} blob @param {number} part */
  #show(blob, part) {
    this.#emit("part", { blob: blob.offer, part, bytes: blob.parts[part], share: blob.grid.count / blob.grid.length });
  }

  /** @param {Incoming} blob */
  async #finish({ offer, parts }) {
    const hash = await digest(parts);
    if (this.#blobs.get(offer.number)?.parts !== parts) return;
    const isWhole = hash.every((one, at) => one === offer.hash[at]);
    this.#close(offer, isWhole ? "taken" : "broken");
    if (isWhole) this.#emit("whole", { blob: offer, parts });
  }

  /** @param {Offer} offer @param {Outcome} outcome */
  #close(offer, outcome) {
    this.#blobs.delete(offer.number);
    // What came broken may come again whole.
    if (outcome !== "broken") this.#past.set(key(offer), outcome);
    const oldest = this.#past.keys().next().value;
    if (this.#past.size > REMEMBERED && oldest !== undefined) this.#past.delete(oldest);
    this.#answer(offer.number, outcome);
    if (outcome !== "taken") this.#emit("gone", offer);
  }

  /** @param {Incoming} blob */
  #isTime(blob) {
    const since = this.#now() - blob.toldAt;
    return since >= REPORT_WITHIN || (since >= REPORT_APART && blob.grid.count - blob.told >= REPORT);
  }

  /** @param {Incoming} blob */
  #tell(blob) {
    blob.told = blob.grid.count;
    blob.toldAt = this.#now();
    this.#put(encode({ type: "have", number: blob.offer.number, bits: blob.grid.bits() }));
  }

  /** @param {number} number @param {Outcome} outcome */
  #answer(number, outcome) {
    this.#put(encode({ type: "done", number, outcome }));
  }

  /** @param {string} name @param {unknown} detail */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** @param {Offer} offer */
function key({ id, kind, hash }) {
  return `${id} ${kind} ${hash.join(".")}`;
}

/** The same thing, taken anew. @param {Offer} one @param {Offer} other */
function isSame(one, other) {
  return one.id === other.id && one.kind === other.kind;
}
