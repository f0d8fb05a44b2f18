/**
 * The frames of the `pieces` channel, as bytes. Knows no channel and no pictures.
 *
 * A blob (a still, a thumbnail) has parts in the order of their importance; each part lies on a grid of cells of 480 bytes, and
 * a piece is one cell. Whole numbers are unsigned, big end first; `number` is the sender's name for a blob, at random.
 *
 *     1 offer    number:4 kind:1 id:16 about:1+n parts:1 size:2 each, hash:32    what comes; SHA-256 over all parts, one after the other
 *     2 piece    number:4 part:1 offset:2, then the bytes: 480, or what is left of the part
 *     3 have     number:4, then one bit for each cell, first cell highest        answers every offer, and tells of progress
 *     4 done     number:4 outcome:1                                              0 taken, 1 refused, 2 broken, 3 not wanted any more
 *     5 cancel   number:4                                                        the sender has given it up
 *
 * The channel is unordered and the connection may be replaced in the middle: every piece says where it belongs, and a sender
 * that offers again learns from `have` what is there already.
 */

export const CELL = 480;            // bytes of a part in one piece: with all envelopes about 600 on the wire
export const MOST_PARTS = 32;
export const MOST_SIZE = 65_535;    // bytes of one part
export const MOST_ABOUT = 64;       // bytes that say what the blob is, in the words of its kind
const MOST_FRAME = 1_200;           // bytes
const TYPES = /** @type {const} */ (["", "offer", "piece", "have", "done", "cancel"]);
const OUTCOMES = /** @type {const} */ (["taken", "refused", "broken", "unwanted"]);

/**
 * @typedef {{type: "offer", number: number, kind: number, id: string, about: Uint8Array, sizes: number[], hash: Uint8Array}} Offer
 *   `id`: UUID in lower case
 * @typedef {{type: "piece", number: number, part: number, offset: number, bytes: Uint8Array}} Piece
 * @typedef {{type: "have", number: number, bits: Uint8Array}} Have
 * @typedef {(typeof OUTCOMES)[number]} Outcome
 * @typedef {{type: "done", number: number, outcome: Outcome}} Done
 * @typedef {{type: "cancel", number: number}} Cancel
 * @typedef {Offer | Piece | Have | Done | Cancel} Frame
 */

/** @param {Frame} frame @returns {Uint8Array<ArrayBuffer>} */
export function encode(frame) {
  switch (frame.type) {
    case "offer": return encodeOffer(frame);
    case "piece": return headed(frame, [frame.part, frame.offset >> 8, frame.offset & 255], frame.bytes);
    case "have": return headed(frame, [], frame.bits);
    case "done": return headed(frame, [OUTCOMES.indexOf(frame.outcome)]);
    case "cancel": return headed(frame, []);
  }
}

/** Throws RangeError for whatever no sender of ours writes. @param {ArrayBuffer} content @returns {Frame} */
export function decode(content) {
  if (content.byteLength > MOST_FRAME) throw new RangeError("too long for a frame");
  const reader = new Reader(content), type = TYPES[reader.number(1)], number = reader.number(4);
  switch (type) {
    case "offer": return { type, number, ...readOffer(reader) };
    case "piece": return { type, number, part: reader.number(1), offset: reader.number(2), bytes: reader.rest() };
    case "have": return { type, number, bits: reader.rest() };
    case "done": return { type, number, outcome: outcome(reader.last(1)) };
    case "cancel": reader.end(); return { type, number };
    default: throw new RangeError("no such frame");
  }
}

/** @param {Offer} offer */
function encodeOffer(offer) {
  const sizes = offer.sizes.flatMap((size) => [size >> 8, size & 255]);
  return headed(offer, [offer.kind, ...uuidBytes(offer.id), offer.about.length, ...offer.about, offer.sizes.length, ...sizes], offer.hash);
}

/** @param {Frame} frame @param {number[]} head @param {Uint8Array} [body] */
function headed({ type, number }, head, body = new Uint8Array()) {
  const bytes = new Uint8Array(5 + head.length + body.length);
  new DataView(bytes.buffer).setUint32(1, number);
  bytes[0] = TYPES.indexOf(type);
  bytes.set(head, 5);
  bytes.set(body, 5 + head.length);
  return bytes;
}

/** @param {Reader} reader */
function readOffer(reader) {
  const kind = reader.number(1), id = uuid(reader.bytes(16)), about = reader.bytes(reader.number(1));
  const sizes = Array.from({ length: reader.number(1) }, () => reader.number(2));
  if (about.length > MOST_ABOUT || !sizes.length || sizes.length > MOST_PARTS || sizes.includes(0)) throw new RangeError("no such blob");
  const hash = reader.bytes(32);
  reader.end();
  return { kind, id, about, sizes, hash };
}

/** @param {number} code @returns {Outcome} */
function outcome(code) {
  const name = OUTCOMES[code];
  if (name === undefined) throw new RangeError("no such outcome");
  return name;
}

/** @param {Uint8Array} bytes */
export function uuid(bytes) {
  const hex = Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @param {string} id */
export function uuidBytes(id) {
  return Array.from(id.replaceAll("-", "").matchAll(/../g), ([pair]) => Number.parseInt(pair, 16));
}

/** Takes bytes from the front; RangeError when there are too few, or some are left. */
class Reader {
  #view;
  #at = 0;

  /** @param {ArrayBuffer} content */
  constructor(content) {
    this.#view = new Uint8Array(content);
  }

  /** @param {number} length */
  bytes(length) {
    const end = this.#at + length;
    if (end > this.#view.length) throw new RangeError("cut short");
    const taken = this.#view.slice(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** @param {number} length of the number, in bytes */
  number(length) {
    return this.bytes(length).reduce((value, one) => value * 256 + one, 0);
  }

  rest() {
    return this.bytes(this.#view.length - this.#at);
  }

  /** @param {number} length */
  last(length) {
    const value = this.number(length);
    this.end();
    return value;
  }

  end() {
    if (this.#at !== this.#view.length) throw new RangeError("too long");
  }
}
