/** Padding beside what is sent anyway, so that a step up is tried before it is made. Paced, never piled up; only the newest matter. */

import { pad } from "./report.js";

const BEAT = 40;             // milliseconds
const PIECE = 700;           // bytes: with its envelopes well below what any path carries
const WAITING = 3_000;       // bytes: the browser holds back what the line does not take, so no more is given to it

export class Probe {
  #channel;
  #kbps = 0;
  #credit = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #timer;

  /** @param {RTCDataChannel} channel */
  constructor(channel) {
    this.#channel = channel;
  }

  /** @param {number} kbps from now on; 0 ends it */
  set(kbps) {
    this.#kbps = kbps;
    if (kbps > 0) this.#timer ??= setInterval(() => this.#beat(), BEAT);
    else this.close();
  }

  close() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#kbps = this.#credit = 0;
  }

  #beat() {
    this.#credit = Math.min(this.#credit + (this.#kbps * BEAT) / 8, 4 * PIECE);
    while (this.#credit >= PIECE && this.#channel.readyState === "open" && this.#channel.bufferedAmount < WAITING) {
      this.#channel.send(pad(PIECE, performance.now()));
      this.#credit -= PIECE;
    }
  }
}
