/**
 * How fast pieces may leave, beside a voice that must not be disturbed: a bucket of bytes, filled at a rate that follows the
 * line. Pure: the time comes in.
 *
 * The rate begins at what the link says is spare, never goes above it, and follows the queue that our own pieces make on the
 * way: the time from sending a piece to hearing that it is there, less the shortest such time. Source: the idea of LEDBAT
 * (RFC 6817), without its window: what is sent is too little for one.
 *
 * Where the link says that less than FIRST is spare, FIRST is tried all the same, and a queue slows it: 8 to 12 kbit/s beside a
 * voice at 48 kbit/s are borne (measured), and half of it brought a still after 56 seconds.
 */

const FIRST = 10;             // kbit/s that 48 kbit/s bear beside a voice, whatever the link says
const LEAST = 5, MOST = 4_000;// kbit/s
const ENVELOPE = 110;         // bytes around a piece: SCTP, DTLS, UDP, IP and perhaps TURN
const BUCKET = 1_300;         // bytes that may leave at once: two pieces
const SHORT = 100, LONG = 300;// milliseconds of queue below which the rate rises, above which it falls
const UP = 1.5, DOWN = 0.6;
const HELD = 250;             // milliseconds until it is looked again whether the voice still suffers
const APART = 500;            // milliseconds between two changes of the rate

export class Pace {
  #spare;
  #rate;                      // kbit/s
  #tokens = BUCKET;
  #at = 0;
  #shortest = Infinity;
  #changedAt = 0;
  #late = 0;                  // reports of a long queue, one after the other

  /** @param {() => number | undefined} spare kbit/s that the link has free beside the voice, when it knows; 0: the voice suffers */
  constructor(spare = () => undefined) {
    this.#spare = spare;
    this.#rate = this.#most(FIRST);
  }

  /** kbit/s on the wire, envelopes included. */
  get kbps() {
    return Math.max(LEAST, Math.min(this.#rate, this.#most(MOST)));
  }

  /** Whole milliseconds until `length` bytes may leave; 0: now. @param {number} length @param {number} now */
  wait(length, now) {
    if (this.#spare() === 0) return this.#hold(now);
    this.#tokens = Math.min(BUCKET, this.#tokens + (now - this.#at) * this.kbps / 8);
    this.#at = now;
    return Math.max(0, Math.ceil((length + ENVELOPE - this.#tokens) * 8 / this.kbps));
  }

  /** @param {number} length of the bytes that left */
  spent(length) {
    this.#tokens -= length + ENVELOPE;
  }

  /** A piece sent at `sentAt` is there, as we hear now. @param {number} sentAt @param {number} now */
  heard(sentAt, now) {
    const lag = now - sentAt;
    this.#shortest = Math.min(this.#shortest, lag);
    const queue = lag - this.#shortest;
    // A single late report may be a piece that was lost and sent again.
    this.#late = queue > LONG ? this.#late + 1 : 0;
    if (now - this.#changedAt < APART) return;
    if (this.#late > 1) this.#change(DOWN, now);
    else if (queue < SHORT) this.#change(UP, now);
  }

  /** Another connection, perhaps by another way. */
  anew() {
    this.#shortest = Infinity;
    this.begin();
  }

  /** Something begins after a pause: what the link says now is newer than what we had found out. */
  begin() {
    this.#rate = this.#most(FIRST);
    this.#late = 0;
  }

  /** What would have been sent meanwhile is not made up for. @param {number} now */
  #hold(now) {
    this.#at = now;
    return HELD;
  }

  /** What the link has spare, FIRST at least. @param {number} unknown where it does not say */
  #most(unknown) {
    return Math.max(FIRST, this.#spare() ?? unknown);
  }

  /** @param {number} by @param {number} now */
  #change(by, now) {
    this.#rate = Math.max(LEAST, Math.min(this.kbps * by, MOST));
    this.#changedAt = now;
    this.#late = 0;
  }
}
