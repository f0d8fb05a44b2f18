/**
 * What a line carries, from pings and from trains of packets. Pure: what was sent and what arrived goes in, figures come out.
 *
 * A train leaves at once; on the thinnest stretch its packets line up, so the time between two arrivals is the time that one
 * packet needs there. A lost packet needed its time, too. Source: Dovrolis, Ramanathan, Moore, "What do packet dispersion
 * techniques measure?", INFOCOM 2001.
 */

import { LIMITS, RUNGS } from "./call/limits.js";

/** @import {Rung} from "./call/limits.js" */

export const MORE_THAN = 1_000; // kbit/s: above, only that is said
export const OVERHEAD = 93; // bytes around a text: IPv4 20, UDP 8, DTLS 1.2 with AES-GCM 37, SCTP 12, its DATA chunk 16
const SPAN = 300; // milliseconds that a train should need: long against timers, short against patience and queues
const FEWEST = 6; // packets of a train
const MOST = 10; // packets: what SCTP sends without waiting for an answer (dcSCTP: 10 of 1,191 bytes)
const SMALLEST = 160; // bytes of a text that has room for what arrived of the other train
const LARGEST = 1_100; // bytes of a text
const FEWEST_PAIRS = 3; // of arrivals: three packets, none of them overtaken
const PROPORTION = 3; // of one rate to another on the same line, at most
const AGREE = 1.15; // largest over smallest of the newest three rates: measuring on would change little

/** The rung to begin with. @param {number | null} kbps that this side can send; null: it could not be measured @returns {Rung} */
export function rungOf(kbps) {
  return RUNGS.find((rung) => (kbps ?? 0) >= LIMITS[rung].needs) ?? "text";
}

/**
 * The next train: a good third of a second of the line as it is known. @param {number | null} kbps null: nothing is known
 * @returns {{count: number, size: number}} packets, and bytes of the text in each
 */
export function train(kbps) {
  if (kbps === null) return { count: FEWEST, size: SMALLEST };
  const bytes = (kbps * SPAN) / 8;
  const size = Math.round(Math.min(LARGEST, Math.max(SMALLEST, bytes / MOST - OVERHEAD)));
  return { count: Math.min(MOST, Math.max(FEWEST, Math.floor(bytes / (size + OVERHEAD)))), size };
}

/** How long a train takes on a line, in milliseconds. @param {{count: number, size: number}} train @param {number} kbps */
export function lengthOf({ count, size }, kbps) {
  return (count * (size + OVERHEAD) * 8) / kbps;
}

/**
 * The rate at which a train came through, in kbit/s with all headers; null when too little of it arrived. The time of one packet
 * is the median over all pairs of arrivals (Theil and Sen), so that a receiver that was late for some of them changes little.
 * @param {[place: number, at: number][]} arrivals milliseconds on any clock
 * @param {number} size bytes of the text in each packet
 * @param {number} roundTrip milliseconds
 * @returns {number | null}
 */
export function rateOf(arrivals, size, roundTrip) {
  const steps = unpaused(arrivals, roundTrip).flatMap(slopes);
  const each = steps.length >= FEWEST_PAIRS ? median(steps) : 0;
  return each > 0 ? ((size + OVERHEAD) * 8) / each : null;
}

/** A sender that waits for an answer pauses for about a round trip: that says nothing about the rate. @param {[number, number][]} arrivals @param {number} roundTrip @returns {[number, number][][]} */
function unpaused(arrivals, roundTrip) {
  const ordered = [...arrivals].sort(([, one], [, other]) => one - other);
  const gaps = ordered.slice(1).map(([place, at], number) => {
    const [before, then] = ordered[number] ?? [place, at];
    return (at - then) / Math.max(1, place - before);
  });
  const pause = gaps.length > 0 ? Math.max(3 * median(gaps), 0.6 * roundTrip) : 0;
  /** @type {[number, number][][]} */
  const parts = [[]];
  for (const [number, arrival] of ordered.entries()) {
    if (number > 0 && (gaps[number - 1] ?? 0) > pause) parts.push([]);
    parts.at(-1)?.push(arrival);
  }
  return parts;
}

/** Milliseconds for one packet, by each pair of arrivals; one that was overtaken belongs to none. @param {[number, number][]} part */
function slopes(part) {
  return part.flatMap(([place, at], number) => part.slice(number + 1)
    .filter(([later]) => later > place).map(([later, then]) => (then - at) / (later - place)));
}

/**
 * One figure from the trains so far: the first only felt its way. Over TCP to a relay, a packet that is lost makes a train slower,
 * and what had to wait for it arrive all at once: of two rates the faster says more, unless it is out of all proportion.
 * @param {(number | null)[]} rates @returns {number | null}
 */
export function kbpsOf(rates) {
  const known = rates.filter((rate) => rate !== null);
  const said = (known.length > 1 ? known.slice(1) : known).sort((one, other) => one - other);
  const sane = PROPORTION * (said[Math.floor((said.length - 1) / 2)] ?? 0);
  const kept = said.filter((rate) => rate <= sane);
  return kept[Math.floor(kept.length / 2)] ?? null;
}

/** Whether another train would change little. @param {(number | null)[]} rates */
export function isSettled(rates) {
  const last = rates.filter((rate) => rate !== null).slice(-3);
  return last.length === 3 && (Math.max(...last) <= AGREE * Math.min(...last) || Math.min(...last) > 1.3 * MORE_THAN);
}

/**
 * @typedef {{roundTripMs: number | null, jitterUpMs: number | null, jitterDownMs: number | null, lostUpPercent: number | null,
 *   lostDownPercent: number | null}} Quality
 */

/** Pings and their echoes. */
export class Pings {
  /** @type {Map<number, number>} */ #sent = new Map();
  /** @type {{number: number, got: number, sent: number, far: number, back: number}[]} */ #echoes = [];

  /** @param {number} number 0, 1, 2, … @param {number} at milliseconds */
  sent(number, at) {
    this.#sent.set(number, at);
  }

  /** @param {number} number @param {number} got how many had reached the far end @param {number} far its clock @param {number} back ours */
  echoed(number, got, far, back) {
    const sent = this.#sent.get(number);
    if (sent !== undefined) this.#echoes.push({ number, got, sent, far, back });
  }

  get count() {
    return this.#echoes.length;
  }

  /** The median of the round trips; null without an echo. */
  get roundTrip() {
    return this.#echoes.length ? median(this.#echoes.map(({ sent, back }) => back - sent)) : null;
  }

  /** @returns {Quality} */
  get quality() {
    const newest = this.#echoes.reduce((best, one) => (one.got > best.got ? one : best), { got: 0, number: -1 });
    const [sent, reached] = [newest.number + 1, Math.max(newest.got, this.#echoes.length)];
    return {
      roundTripMs: this.roundTrip,
      jitterUpMs: jitter(this.#echoes.map((one) => one.far - one.sent)),
      jitterDownMs: jitter(this.#echoes.map((one) => one.back - one.far)),
      lostUpPercent: sent > 0 ? percent(sent - newest.got, sent) : null,
      lostDownPercent: reached > 0 ? percent(reached - this.#echoes.length, reached) : null,
    };
  }
}

/** The mean change between two transits (RFC 3550, 6.4.1, without its smoothing). @param {number[]} transits @returns {number | null} */
function jitter(transits) {
  const changes = transits.slice(1).map((one, number) => Math.abs(one - (transits[number] ?? one)));
  return changes.length ? sum(changes) / changes.length : null;
}

/** @param {number} part @param {number} whole */
function percent(part, whole) {
  return Math.min(100, Math.max(0, (100 * part) / whole));
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, one) => total + one, 0);
}

/** @param {number[]} values at least one */
function median(values) {
  const ordered = [...values].sort((one, other) => one - other);
  const middle = Math.floor(ordered.length / 2);
  return ordered.length % 2 ? ordered[middle] ?? 0 : ((ordered[middle - 1] ?? 0) + (ordered[middle] ?? 0)) / 2;
}
