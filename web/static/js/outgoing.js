/** What a page has said and not yet heard answered: commands, relayed messages, and the seat it holds. Knows no socket. */

/** @import {Command, Enter, Relay} from "./protocol.js" */

/**
 * @template T
 * @typedef {T extends unknown ? Omit<T, "id"> & {id?: string} : never} Unnamed
 */
/** @typedef {{message: Command, resolve: () => void, reject: (reason: Refused) => void, sentAt: number}} Waiting */

const RELAY_AT_MOST = 60_000; // characters: a larger frame would end the socket

/** The server refused a command; `code` is stable. */
export class Refused extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

export class Outgoing {
  /** @type {Enter | null} */
  seat = null;

  #put;
  #now;
  /** @type {Map<string, Waiting>} */
  #waiting = new Map();
  /** @type {Relay[]} */
  #relays = []; // sent, and perhaps not arrived
  #arrived = 0;

  /**
   * @param {(message: Command | Relay) => void} put  sends, where there is a line
   * @param {() => number} now  milliseconds
   */
  constructor(put, now) {
    this.#put = put;
    this.#now = now;
  }

  /**
   * @param {Unnamed<Command>} command
   * @returns {Promise<void>}
   */
  send(command) {
    const message = /** @type {Command} */ ({ ...command, id: command.id ?? crypto.randomUUID() });
    return new Promise((resolve, reject) => {
      this.#waiting.set(message.id, { message, resolve, reject, sentAt: this.#now() });
      this.#put(message);
    });
  }

  /** @param {Relay} message */
  relay(message) {
    if (JSON.stringify(message).length > RELAY_AT_MOST) throw new RangeError("too large to relay");
    this.#relays.push(message);
    this.#put(message);
  }

  /**
   * @param {string} id
   * @param {{type: "ack"} | {type: "refused", code: string}} outcome
   */
  settle(id, outcome) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    if (outcome.type === "refused") return waiting.reject(new Refused(outcome.code));
    this.#sit(waiting.message);
    waiting.resolve();
  }

  /** @param {number} relayed  how many relayed messages the server has counted */
  confirm(relayed) {
    this.#relays.splice(0, relayed - this.#arrived);
    this.#arrived = relayed;
  }

  /** The server knows nothing of what was before: the seat first, so that what waits for it finds it. */
  startAnew() {
    this.#relays = [];
    this.#arrived = 0;
    if (!this.seat) return;
    const earlier = this.#waiting;
    this.#waiting = new Map();
    this.send({ ...this.seat, id: undefined }).catch(() => (this.seat = null));
    for (const [id, waiting] of earlier) this.#waiting.set(id, waiting);
  }

  /** Say again, in order, whatever may not have arrived. */
  repeat() {
    for (const message of this.#relays) this.#put(message);
    for (const waiting of this.#waiting.values()) {
      waiting.sentAt = this.#now();
      this.#put(waiting.message);
    }
  }

  /**
   * Whether a command has waited for longer than that.
   * @param {number} patience  milliseconds
   */
  isUnanswered(patience) {
    return [...this.#waiting.values()].some(({ sentAt }) => this.#now() - sentAt > patience);
  }

  /** @param {Command} done */
  #sit(done) {
    const seat = this.seat;
    if (done.type === "enter") this.seat = { ...done, takeOver: false };
    else if (done.type === "leave" && seat?.call === done.call) this.seat = null;
    else if (done.type === "media-state" && seat) this.seat = { ...seat, microphone: done.microphone, camera: done.camera };
  }
}
