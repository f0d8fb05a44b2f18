/**
 * When to restart ICE, and when to give a connection up for a new one. Knows no DOM and no channel.
 *
 * `disconnected` for a second, `failed`, or a change of network: restart, one in flight, at least three seconds apart.
 * Not healed a few seconds later: `rebuild`. While the other side cannot be told (`isReachable`), it waits: media does not
 * wait for signaling, but a restart needs it.
 */

const DISCONNECTED = 1_000;   // milliseconds: shorter gaps heal by themselves
const APART = 3_000;          // milliseconds between two restarts
const FIRST = 12_000;         // milliseconds for a new connection before it is restarted

/**
 * @typedef {{
 *   connection: RTCPeerConnection,
 *   patience: number,
 *   isReachable: () => boolean,
 *   restart: () => Promise<void> | void,
 *   rebuild: () => void,
 * }} Options
 */

export class Healing {
  #options;
  #restartedAt = -APART;
  #inFlight = false;
  #wanted = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #listeners = new AbortController();

  /** @param {Options} options `patience`: milliseconds from a restart to a new connection; the sides differ in it */
  constructor(options) {
    this.#options = options;
    const { signal } = this.#listeners;
    options.connection.addEventListener("iceconnectionstatechange", () => this.#look(), { signal });
    globalThis.addEventListener?.("online", () => this.#want(), { signal });
    const network = /** @type {EventTarget | undefined} */ (/** @type {any} */ (globalThis.navigator)?.connection);
    network?.addEventListener("change", () => this.#isWell || this.#want(), { signal });
    this.#after(FIRST, () => this.#want());
  }

  get #isWell() {
    return ["connected", "completed"].includes(this.#options.connection.iceConnectionState);
  }

  /** The other side can be told again: what was wanted meanwhile is done now. */
  reachable() {
    if (this.#wanted || !this.#isWell) this.#want();
  }

  close() {
    clearTimeout(this.#timer);
    this.#listeners.abort();
  }

  #look() {
    const state = this.#options.connection.iceConnectionState;
    if (this.#isWell) {
      clearTimeout(this.#timer);
      this.#wanted = false;
    } else if (state === "disconnected") this.#after(DISCONNECTED, () => this.#want());
    else if (state === "failed") this.#want();
  }

  #want() {
    if (this.#listeners.signal.aborted) return;
    this.#wanted = true;
    if (this.#inFlight || !this.#options.isReachable()) return;
    const wait = this.#restartedAt + APART - performance.now();
    if (wait > 0) this.#after(wait, () => this.#want());
    else void this.#restart();
  }

  async #restart() {
    this.#inFlight = true;
    this.#wanted = false;
    this.#restartedAt = performance.now();
    try {
      await this.#options.restart();
    } finally {
      this.#inFlight = false;
    }
    this.#after(this.#options.patience, () => this.#judge());
  }

  #judge() {
    if (this.#isWell) return;
    if (this.#options.isReachable()) this.#options.rebuild();
    else this.#wanted = true;
  }

  /** @param {number} wait @param {() => void} step */
  #after(wait, step) {
    clearTimeout(this.#timer);
    if (!this.#listeners.signal.aborted) this.#timer = setTimeout(step, wait);
  }
}
