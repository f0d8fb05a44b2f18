/**
 * Which way a clip goes: to the server, or from page to page where that is better (`Courier`), and back to the server when nothing
 * comes of it. A clip that went half the other page's way is asked for by the server where it stops. Knows no DOM.
 */

import { timer } from "../time.js";

/** @import {Answer, Piece} from "./voice_wire.js" */

const WINDOW = 3;             // pieces on their way to the other page at once
const STUCK = 25_000;         // milliseconds in which nothing of a clip arrives there
const UNSAID = 12_000;        // milliseconds from its last piece until the other page has brought it to the record

/**
 * `bring`: to the server. `courier`: the way to the other page, once it is there.
 * @typedef {{
 *   bring: (piece: Piece, signal: AbortSignal) => Promise<Answer>, courier: () => Way | null,
 *   later?: (deed: () => void, wait: number) => () => void,
 * }} Options
 * @typedef {Pick<import("./courier.js").Courier, "isBetter" | "carry" | "drop">} Way
 */

export class Ways {
  #options;
  /** @type {Map<string, Passage>} by note */ #passages = new Map();
  /** @type {Set<string>} notes that go to the server, whatever the line */ #toServer = new Set();
  /** @type {Set<string>} notes that lie in the record */ #kept = new Set();

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
  }

  /** @param {Piece} piece @param {AbortSignal} signal @returns {Promise<Answer>} */
  async put(piece, signal) {
    if (this.#kept.has(piece.note)) return { kept: true };
    const courier = this.#options.courier(), isUnderWay = this.#passages.has(piece.note);
    if (!courier || this.#toServer.has(piece.note) || !(isUnderWay || courier.isBetter)) return await this.#bring(piece, signal);
    // What the server has of it, the other page has not.
    if (piece.offset > 0 && !isUnderWay) return { received: 0 };
    return await this.#pass(courier, piece, signal);
  }

  /** The other page, or the server, says that this note lies in the record; true where it still goes to the server in vain. @param {string} note */
  kept(note) {
    this.#kept.add(note);
    this.#end(note, true);
    return this.#toServer.delete(note);
  }

  /** Nobody is at the other end any more, or wants this note. @param {string} [note] */
  drop(note) {
    for (const one of note ? [note] : [...this.#passages.keys()]) this.#end(one, false);
  }

  /** Whoever waits for it hears so; what is still on its way is called back. @param {string} note @param {boolean} isKept */
  #end(note, isKept) {
    this.#passages.get(note)?.end(isKept);
    this.#passages.delete(note);
    this.#options.courier()?.drop(note);
  }

  /** @param {Piece} piece @param {AbortSignal} signal */
  async #bring(piece, signal) {
    const answer = await this.#options.bring(piece, signal);
    if (answer.kept) this.#end(piece.note, true);
    return answer;
  }

  /** @param {Way} courier @param {Piece} piece @param {AbortSignal} signal @returns {Promise<Answer>} */
  async #pass(courier, piece, signal) {
    const passage = this.#passages.get(piece.note) ?? new Passage(this.#options.later);
    this.#passages.set(piece.note, passage);
    passage.add((moved) => courier.carry(piece, moved));
    const goesOn = await passage.room(piece.last ? 0 : WINDOW - 1);
    if (goesOn && !piece.last) return { received: piece.offset + piece.content.size };
    const isKept = goesOn && await passage.said();
    this.#end(piece.note, isKept);
    if (isKept) return { kept: true };
    this.#toServer.add(piece.note);
    // Perhaps it is in the record and only the word was lost: the server says what is missing.
    return goesOn ? await this.#bring({ ...piece, offset: piece.offset + piece.content.size, content: new Blob() }, signal) : { received: 0 };
  }
}

/** The pieces of one clip on their way to the other page. */
class Passage {
  #under = 0;                 // pieces that left and are not there yet
  /** @type {boolean | null} */ #end = null;    // kept, or given up
  /** @type {(() => void) | null} */ #wake = null;
  #later;
  #stop = () => {};

  /** @param {Options["later"]} later */
  constructor(later = timer) {
    this.#later = later;
  }

  /** @param {(moved: () => void) => Promise<boolean>} carry */
  add(carry) {
    this.#under += 1;
    this.#wait(STUCK);
    carry(() => this.#wait(STUCK)).catch(() => false).then((isThere) => {
      this.#under -= 1;
      if (isThere) this.#wake?.();
      else this.end(false);
    });
  }

  /** Once no more than so many pieces are under way; false: given up. @param {number} most */
  async room(most) {
    while (this.#end === null && this.#under > most) await this.#woken();
    return this.#end !== false;
  }

  /** Once it is said that the clip lies in the record; false: not in time. */
  async said() {
    if (this.#end === null) this.#wait(UNSAID);
    while (this.#end === null) await this.#woken();
    return this.#end === true;
  }

  /** @param {boolean} isKept */
  end(isKept) {
    this.#end ??= isKept;
    this.#stop();
    this.#wake?.();
  }

  #woken() {
    return new Promise((resolve) => { this.#wake = () => resolve(undefined); });
  }

  /** @param {number} time */
  #wait(time) {
    this.#stop();
    if (this.#end === null) this.#stop = this.#later(() => this.end(false), time);
  }
}
