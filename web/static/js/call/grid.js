/** The cells of a blob: which are there. Both sides count them alike: all of the first part, then all of the second. */

import { CELL } from "./pieces.js";

export class Grid {
  /** How many cells there are. */ length;
  /** How many are marked. */ count = 0;
  #sizes;
  /** @type {number[]} the first cell of each part */ #starts = [];
  #marked;

  /** @param {number[]} sizes of the parts, in bytes */
  constructor(sizes) {
    this.#sizes = sizes;
    let length = 0;
    for (const size of sizes) {
      this.#starts.push(length);
      length += Math.ceil(size / CELL);
    }
    this.length = length;
    this.#marked = new Uint8Array(length);
  }

  get isFull() {
    return this.count === this.length;
  }

  /** The cell that begins at `offset` of `part` and is `length` bytes long, or -1: there is no such cell. @param {number} part @param {number} offset @param {number} length */
  cell(part, offset, length) {
    const size = this.#sizes[part];
    if (size === undefined || offset % CELL || offset >= size || length !== Math.min(CELL, size - offset)) return -1;
    return this.#starts[part] + offset / CELL;
  }

  /** Where a cell lies. @param {number} cell @returns {{part: number, offset: number, end: number}} */
  place(cell) {
    const part = this.#starts.findLastIndex((start) => start <= cell);
    const offset = (cell - this.#starts[part]) * CELL;
    return { part, offset, end: Math.min(offset + CELL, this.#sizes[part]) };
  }

  /** @param {number} cell */
  has(cell) {
    return this.#marked[cell] === 1;
  }

  /** True when it was not marked before. @param {number} cell */
  mark(cell) {
    if (this.#marked[cell]) return false;
    this.#marked[cell] = 1;
    this.count += 1;
    return true;
  }

  /** The first cell that is not marked, or -1. */
  next() {
    return this.#marked.indexOf(0);
  }

  /** @param {number} part */
  hasPart(part) {
    return !this.#marked.subarray(this.#starts[part], this.#starts[part + 1]).includes(0);
  }

  /** One bit for each cell. */
  bits() {
    const bits = new Uint8Array(Math.ceil(this.length / 8));
    this.#marked.forEach((mark, cell) => { bits[cell >> 3] |= mark << (7 - (cell & 7)); });
    return bits;
  }

  /** Marks exactly what `bits` say; false, and nothing is changed, when they are not of this grid. @param {Uint8Array} bits */
  read(bits) {
    if (bits.length !== Math.ceil(this.length / 8)) return false;
    this.#marked.forEach((_, cell) => { this.#marked[cell] = (bits[cell >> 3] >> (7 - (cell & 7))) & 1; });
    this.count = this.#marked.reduce((sum, mark) => sum + mark, 0);
    return true;
  }
}
