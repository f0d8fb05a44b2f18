/**
 * Sockets on their way to the server. Over the thinnest line a handshake takes longer than one may wait where a line was cut, so a
 * slow one goes on for a while beside the next; whichever opens first goes on alone. Knows no message.
 */

/** @import {Socket} from "./channel.js" */

const ATTEMPT = 4_000; // milliseconds until another attempt begins: a lost SYN is repeated after 1 s and 3 s
const ATTEMPT_SLOW = 8_000; // the same once that was in vain: two at a time fill a line of 12 kbit/s, and none gets through
const LAST_CHANCE = 10_000; // milliseconds more for the older one: at 12 kbit/s a handshake takes that long
const WELCOME = 8_000; // milliseconds from our first word to the server's

/** @typedef {{socket: Socket, begunAt: number}} Attempt */
/**
 * `open`: it got through, and is the only one. `giveUp`: it did not, in time. `late`: another may begin beside it.
 * @typedef {{now: () => number, open: (socket: Socket) => void, giveUp: (socket: Socket) => void, late: () => void}} Options
 */

export class Attempts {
  /** @type {Attempt | null} */
  #newest = null;
  /** @type {Attempt | null} */
  #elder = null;
  #inVain = false;
  #options;

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
  }

  /** Whether another one would be one too many. */
  get isOn() {
    return this.#newest !== null;
  }

  /** Whether any is on its way, the slow one too. */
  get areAny() {
    return this.#newest !== null || this.#elder !== null;
  }

  /** @param {Socket} socket */
  has(socket) {
    return socket === this.#newest?.socket || socket === this.#elder?.socket;
  }

  /** @param {Socket} socket */
  isElder(socket) {
    return socket === this.#elder?.socket;
  }

  /** @param {Socket} socket that was just made */
  begin(socket) {
    const attempt = this.#newest = { socket, begunAt: this.#options.now() };
    const aging = setTimeout(() => this.#age(attempt), this.#inVain ? ATTEMPT_SLOW : ATTEMPT);
    socket.onopen = () => {
      clearTimeout(aging);
      this.#opened(attempt);
    };
  }

  /** The line is another one, or back: what was begun before may go on, but nobody waits for it. */
  stepAside() {
    if (!this.#newest) return;
    if (this.#elder) hush(this.#newest.socket);
    else this.#retire(this.#newest);
    this.#newest = null;
  }

  /** It carries the session now, or is lost. @param {Socket} socket @returns {number} milliseconds since it was begun */
  forget(socket) {
    const attempt = this.isElder(socket) ? this.#elder : this.#newest;
    if (this.isElder(socket)) this.#elder = null;
    else if (socket === this.#newest?.socket) this.#newest = null;
    return this.#options.now() - (attempt?.begunAt ?? 0);
  }

  close() {
    for (const attempt of [this.#newest, this.#elder]) if (attempt) hush(attempt.socket);
    this.#newest = this.#elder = null;
  }

  /** Only one says hello, since a token opens once. @param {Attempt} attempt */
  #opened(attempt) {
    for (const other of [this.#newest, this.#elder]) if (other && other !== attempt) hush(other.socket);
    this.#newest = attempt;
    this.#elder = null;
    this.#inVain = false;
    setTimeout(() => attempt === this.#newest && this.#options.giveUp(attempt.socket), WELCOME);
    this.#options.open(attempt.socket);
  }

  /** @param {Attempt} attempt */
  #age(attempt) {
    if (attempt !== this.#newest) return;
    this.#inVain = true;
    if (this.#elder) return this.#options.giveUp(attempt.socket);
    this.#newest = null;
    this.#retire(attempt);
    this.#options.late();
  }

  /** @param {Attempt} attempt */
  #retire(attempt) {
    this.#elder = attempt;
    setTimeout(() => attempt === this.#elder && this.#options.giveUp(attempt.socket), LAST_CHANCE);
  }
}

/** @param {Socket} socket  that has nothing more to say to us */
export function hush(socket) {
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
}
