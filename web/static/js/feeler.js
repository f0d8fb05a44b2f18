/**
 * Feels for a line that is gone: a small question to the server again and again, each given up before long. Browsers slow down
 * WebSockets that failed before, and a lost SYN is repeated after one second and three; a fresh question every second finds the line
 * within a second of its return. On a thin line one question at a time, and longer: a handshake there takes seconds, and several at
 * once leave no room for anything else. Knows no socket and no call.
 */

const EVERY = 900;          // milliseconds
const ANSWER = 2_700;       // milliseconds: three round trips (TCP, TLS, HTTP) of a very long line
const ANSWER_THIN = 10_000; // milliseconds for the same at 12 kbit/s, a packet in five lost

/**
 * `found`: the line is there. `isHeard`: it is known to be there anyway, so nobody has to ask.
 * @typedef {{found: () => void, isHeard: () => boolean, isThin: () => boolean}} Options
 */

export class Feeler {
  #address;
  #options;
  #asking = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #timer;

  /** @param {string} address that answers without doing anything @param {Options} options */
  constructor(address, options) {
    this.#address = address;
    this.#options = options;
  }

  /** @param {boolean} wanted */
  set(wanted) {
    if (!wanted) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    } else if (this.#timer === undefined) this.#timer = setInterval(() => this.#look(), EVERY);
  }

  #look() {
    const isThin = this.#options.isThin();
    if (this.#options.isHeard() || (isThin && this.#asking > 0)) return;
    void this.#ask(isThin ? ANSWER_THIN : ANSWER);
  }

  /** @param {number} patience milliseconds */
  async #ask(patience) {
    this.#asking += 1;
    try {
      await fetch(this.#address, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(patience) });
      if (this.#timer !== undefined) this.#options.found();
    } catch {
      // No line yet: the next question is on its way.
    }
    this.#asking -= 1;
  }
}
