/**
 * When to restart ICE, and when to give a connection up for a new one. Knows no DOM and no channel.
 *
 * Nothing arrives any more (`silent`, which getStats shows sooner than ICE), `disconnected` for a second, `failed`, or a change of
 * network: restart, one in flight, at least three seconds apart. A restart needs signaling: as long as nothing was heard from there
 * since the trouble began (`isReachable`), the line itself is cut, and media and socket are only looked for (`seek`). Not healed a few
 * seconds after the other side took part in a restart: `rebuild`.
 */

const DISCONNECTED = 1_000;   // milliseconds: shorter gaps heal by themselves
const APART = 3_000;          // milliseconds between two restarts
const FIRST = 12_000;         // milliseconds for a new connection before it is restarted
const LOOK = 250;             // milliseconds between looks whether the other side can be told now
const SLEPT = 5_000;          // milliseconds by which the clock is ahead of a timer of one second: this computer slept

/**
 * @typedef {{
 *   connection: RTCPeerConnection,
 *   patience: number,
 *   grace?: number,
 *   isReachable: (since: number) => boolean,
 *   arrives?: () => boolean,
 *   restart: () => Promise<void> | void,
 *   rebuild: () => void,
 *   seek?: (lost: boolean) => void,
 *   now?: () => number,
 * }} Options `grace`, `patience`: milliseconds from the first word of signaling to a restart, and from that to a new connection; the
 *   sides differ in both, so that one of them acts. `isReachable`: something was heard since that moment, in milliseconds of `now`.
 *   `arrives`: something comes over this connection. On a line whose queue is seconds long ICE misses its answers and says
 *   `disconnected` all the same; what a restart costs would only make the queue longer.
 */

export class Healing {
  #options;
  #now;
  #restartedAt = -Infinity;
  #wasWell = false;
  #joinedAt = -1;          // when the other side took part since the last restart; -1: not yet
  #troubleAt = 0;          // 0: none
  #isSilent = false;
  #inFlight = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #clock = Date.now();
  #watch = setInterval(() => this.#wake(), 1_000);
  #listeners = new AbortController();

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    const { signal } = this.#listeners;
    options.connection.addEventListener("iceconnectionstatechange", () => this.#look(), { signal });
    globalThis.addEventListener?.("online", () => this.#trouble(0), { signal });
    const network = /** @type {EventTarget | undefined} */ (/** @type {any} */ (globalThis.navigator)?.connection);
    network?.addEventListener("change", () => this.#isWell || this.#trouble(0), { signal });
    this.#after(FIRST, () => this.#trouble(0));
  }

  get #isWell() {
    const state = this.#options.connection.iceConnectionState;
    if (state === "disconnected") return !this.#isSilent && this.#options.arrives?.() === true;
    return !this.#isSilent && ["connected", "completed"].includes(state);
  }

  /** Nothing at all arrives here, or it does again. @param {boolean} isSilent */
  silent(isSilent) {
    this.#isSilent = isSilent;
    if (isSilent) this.#trouble(this.#options.grace ?? 0);
    else this.#look();
  }

  /** The other side can be told again: what was wanted meanwhile is done now. */
  reachable() {
    if (this.#troubleAt || !this.#isWell) this.#want();
  }

  /** The other side took part: an offer, an answer or a candidate came. @param {boolean} offers it restarts by itself */
  joined(offers) {
    this.#joinedAt = this.#now();
    if (!offers || !this.#wasWell) return;
    this.#restartedAt = this.#joinedAt;
    this.#after(this.#options.patience, () => this.#judge());
  }

  close() {
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.#listeners.abort();
    this.#options.seek?.(false);
  }

  #look() {
    const state = this.#options.connection.iceConnectionState;
    if (this.#isWell) this.#heal();
    else if (state === "disconnected") this.#after(DISCONNECTED, () => this.#trouble(0));
    else if (state === "failed") this.#trouble(0);
  }

  #heal() {
    clearTimeout(this.#timer);
    this.#wasWell = true;
    this.#troubleAt = 0;
    this.#options.seek?.(false);
  }

  /** @param {number} grace milliseconds in which media may come back by itself, once signaling is heard */
  #trouble(grace) {
    if (this.#listeners.signal.aborted) return;
    this.#troubleAt ||= this.#now();
    this.#options.seek?.(true);
    this.#await(grace);
  }

  /** @param {number} grace */
  #await(grace) {
    if (!this.#options.isReachable(this.#troubleAt)) this.#after(LOOK, () => this.#await(grace));
    else if (grace) this.#after(grace, () => this.#want());
    else this.#want();
  }

  #want() {
    if (this.#listeners.signal.aborted || this.#inFlight) return;
    if (!this.#options.isReachable(0)) return this.#after(LOOK, () => this.#want());
    const wait = this.#restartedAt + APART - this.#now();
    if (wait > 0) this.#after(wait, () => this.#isWell || this.#want());
    else void this.#restart();
  }

  async #restart() {
    this.#inFlight = true;
    this.#troubleAt = 0;
    this.#restartedAt = this.#now();
    this.#joinedAt = -1;
    try {
      await this.#options.restart();
    } finally {
      this.#inFlight = false;
    }
    this.#after(this.#options.patience, () => this.#judge());
  }

  #judge() {
    if (this.#isWell) return;
    const took = this.#joinedAt >= 0 && this.#now() - this.#joinedAt >= this.#options.patience;
    // A connection that never carried anything has nothing to lose: whoever does not answer it may answer a new one.
    if ((took || !this.#wasWell) && this.#options.isReachable(0)) this.#options.rebuild();
    // The other side may be cut off itself, with our offer waiting for it: a new connection would only come later.
    else this.#after(LOOK, () => this.#judge());
  }

  /** Timers stood still: what was measured before is worth nothing, and the socket may be dead without knowing it. */
  #wake() {
    const slept = Date.now() - this.#clock > SLEPT;
    this.#clock = Date.now();
    if (slept) this.#trouble(0);
  }

  /** @param {number} wait @param {() => void} step */
  #after(wait, step) {
    clearTimeout(this.#timer);
    if (!this.#listeners.signal.aborted) this.#timer = setTimeout(step, wait);
  }
}
