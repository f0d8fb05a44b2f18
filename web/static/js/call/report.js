/**
 * What one side tells the other of what it hears, in twelve bytes over the `figures` channel; and padding, which only tries whether
 * the line carries more. Both bear the sender's clock, so whoever receives them sees packets pile up on the way.
 */

import { RUNGS } from "./limits.js";

/** @import {Rung} from "./limits.js" */

const REPORT = 1, PADDING = 2;      // the first byte
const SIZE = 12;                    // bytes of a report
const CLOCK = 0x1_0000;             // milliseconds after which the clock on the wire begins again
const FORGETS = 45_000;             // milliseconds after which the shortest way seen counts no more: clocks drift, lines change
const MOMENT = 600;                 // milliseconds
const MOST = 0xffff;

/**
 * What arrived here of what the other side sent: rate in kbit/s of everything, packets lost, voice concealed and picture frozen in
 * percent, the longest silence and the time by which packets come later than on an empty line in milliseconds. -1: not measured.
 * @typedef {{arrivedKbps: number, lost: number, concealed: number, frozen: number, silentMs: number, lateMs: number, shown: boolean}} Heard
 */

/** @param {Heard} heard @param {number} now milliseconds @param {Rung | ""} [rung] on which this side sends: on a line of words the server hears of it late */
export function pack(heard, now, rung = "") {
  const view = new DataView(new ArrayBuffer(SIZE));
  view.setUint8(0, REPORT);
  view.setUint8(1, (heard.shown ? 1 : 0) | (1 + RUNGS.indexOf(/** @type {Rung} */ (rung))) << 1);
  view.setUint16(2, Math.floor(now) % CLOCK);
  view.setUint16(4, Math.min(MOST, Math.round(heard.arrivedKbps * 4)));
  [heard.lost, heard.concealed, heard.frozen].forEach((percent, place) => view.setUint8(6 + place, percent < 0 ? 0xff : Math.min(200, percent * 2)));
  view.setUint8(9, Math.min(0xff, heard.silentMs / 100));
  view.setUint16(10, Math.min(MOST, heard.lateMs));
  return view.buffer;
}

/** @param {number} bytes @param {number} now milliseconds */
export function pad(bytes, now) {
  const view = new DataView(new ArrayBuffer(Math.max(4, bytes)));
  view.setUint8(0, PADDING);
  view.setUint16(2, Math.floor(now) % CLOCK);
  return view.buffer;
}

/** @param {ArrayBuffer} data @returns {{sentAt: number, heard: Heard | null, rung: Rung | ""} | null} null: not of this page's kind */
export function unpack(data) {
  const view = new DataView(data);
  if (view.byteLength < 4 || ![REPORT, PADDING].includes(view.getUint8(0))) return null;
  const sentAt = view.getUint16(2);
  if (view.getUint8(0) === PADDING || view.byteLength < SIZE) return { sentAt, heard: null, rung: "" };
  const [lost, concealed, frozen] = [6, 7, 8].map((place) => view.getUint8(place)).map((half) => (half === 0xff ? -1 : half / 2));
  const heard = /** @type {Heard} */ ({
    arrivedKbps: view.getUint16(4) / 4, lost, concealed, frozen, silentMs: view.getUint8(9) * 100, lateMs: view.getUint16(10),
    shown: (view.getUint8(1) & 1) === 1,
  });
  return { sentAt, heard, rung: RUNGS[(view.getUint8(1) >> 1) - 1] ?? "" };
}

/** How much later than on an empty line the other side's packets come: their way, less the shortest one of the last minute. */
export class Lateness {
  /** @type {{way: number, at: number}[]} shorter ones push longer ones out */ #ways = [];
  /** @type {{late: number, at: number}[]} */ #recent = [];

  /**
   * The least of the last moments: a queue holds up every packet, a busy page only some.
   * @param {number} sentAt on the sender's clock, as it came @param {number} now milliseconds @returns {number} milliseconds
   */
  take(sentAt, now) {
    this.#recent = [...this.#recent.filter((one) => now - one.at < MOMENT), { late: this.#late(sentAt, now), at: now }];
    return Math.min(...this.#recent.map((one) => one.late));
  }

  /** @param {number} sentAt @param {number} now */
  #late(sentAt, now) {
    const way = this.#unrolled((Math.floor(now) - sentAt) % CLOCK);
    this.#ways = this.#ways.filter((one) => one.way < way && now - one.at < FORGETS);
    this.#ways.push({ way, at: now });
    return way - (this.#ways[0]?.way ?? way);
  }

  /** The clocks agree on nothing: near what is known, whichever way round they run. @param {number} way */
  #unrolled(way) {
    const known = this.#ways[0]?.way ?? way;
    return known + ((((way - known + CLOCK / 2) % CLOCK) + CLOCK) % CLOCK) - CLOCK / 2;
  }
}
