/**
 * Feels for a line that is gone: a small question to the server again and again, each given up before long. Browsers slow down
 * WebSockets that failed before, and a lost SYN is repeated after one second and three; a fresh question every second finds the line
 * within a second of its return. Knows no socket and no call.
 */

const EVERY = 900;      // milliseconds
const ANSWER = 2_700;   // milliseconds: three round trips (TCP, TLS, HTTP) of a very long line

export class Feeler {
  #address;
  #found;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #timer;

  /** @param {string} address that answers without doing anything @param {() => void} found the line is there */
  constructor(address, found) {
    this.#address = address;
    this.#found = found;
  }

  /** @param {boolean} wanted */
  set(wanted) {
    if (!wanted) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    } else if (this.#timer === undefined) this.#timer = setInterval(() => void this.#ask(), EVERY);
  }

  async #ask() {
    try {
      await fetch(this.#address, { cache: "no-store", signal: AbortSignal.timeout(ANSWER) });
      if (this.#timer !== undefined) this.#found();
    } catch {
      // No line yet: the next question is on its way.
    }
  }
}
