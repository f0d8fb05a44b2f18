/**
 * The page's way to the server: one numbered, resumable stream over whatever sockets it takes. Knows no DOM.
 * The story is told in signaling/PROTOCOL.md.
 */

import { Outgoing } from "./outgoing.js";
import { Patience } from "./patience.js";

/** @import {Unnamed} from "./outgoing.js" */
/** @import {Command, FromServer, Relay, Welcome} from "./protocol.js" */

/** @typedef {"connecting" | "open" | "lost" | "closed"} State */
/** @typedef {{[M in FromServer as M["type"]]: M}} Messages */
/**
 * Besides the messages: `state` for the strip, and why the channel gave up: the login ended (`sign-in`), the page is
 * of another version (`reload`), or another page carries this session (`replaced`). `gap`: how long nothing was heard
 * before this socket.
 * @typedef {Messages & {state: {state: State, since: number}, "sign-in": {code: number}, reload: {code: number},
 *   replaced: {code: number}, gap: {ms: number}}} Events
 */
/** @typedef {Pick<WebSocket, "send" | "close" | "onopen" | "onmessage" | "onclose">} Socket */

const SUBPROTOCOL = "telehealth.v1";
const RETRY_FIRST = 300; // milliseconds, doubling
const RETRY_AT_MOST = 8_000; // milliseconds
const RETRY_AT_MOST_BUSY = 2_000; // milliseconds: somebody is waiting for somebody
const ATTEMPT = 4_000; // milliseconds until an attempt is dropped: a lost SYN is repeated after 1 s and 3 s
const ACK = 3_000; // milliseconds without an answer to a command
const SILENCE = 30_000; // milliseconds: the server asks after 15 s
const SILENCE_IN_CALL = 5_000; // milliseconds: the server asks after 2 s
const LOOK = 1_000; // milliseconds between looks at the clock

/** @type {Record<number, "sign-in" | "reload" | "replaced">} */
const GIVES_UP = { 4401: "sign-in", 4402: "sign-in", 4403: "sign-in", 4442: "reload", 4441: "replaced" };
const PATIENT = [4429, 4430, 4440, 4445]; // coming back at once would end the same way
const TOO_LATE = 0; // no code of a server: our own patience ended

export { Refused } from "./outgoing.js";

export class Channel {
  /** A request or a call is on: come back faster. */
  busy = false;
  patience = new Patience();
  /** @type {{state: State, since: number}} */
  state = { state: "connecting", since: Date.now() };
  heardAt = 0; // when the server was last, in milliseconds of the clock given

  #options;
  /** @type {Map<string, Set<(message: any) => void>>} */
  #handlers = new Map();
  /** @type {Socket | null} */
  #socket = null; // carries the session
  /** @type {Socket | null} */
  #attempt = null; // wants to
  // Kept by this page alone: a reload begins a new session and takes its seat back, and no storage holds a token.
  #session = { session: "", token: "", received: 0 };
  #outgoing;
  #tab = "";
  #tries = 0;
  #nudged = 0;
  #holdUntil = 0;
  /** @type {any} */
  #retryTimer = undefined;
  /** @type {any} */
  #lookTimer = undefined;

  /**
   * @param {{url: string, socketClass: new (url: string, protocol: string) => Socket, tab: () => string | Promise<string>,
   *   now?: () => number, random?: () => number}} options
   */
  constructor(options) {
    this.#options = { now: () => performance.now(), random: Math.random, ...options };
    this.#outgoing = new Outgoing((message) => this.#socket?.send(JSON.stringify(message)), this.#options.now);
  }

  /** Connect and stay connected until `close()`, or until the server says that there is no use. */
  async start() {
    this.#tab = await this.#options.tab();
    this.#lookTimer = setInterval(() => this.#look(), LOOK);
    this.#connect();
  }

  close() {
    this.#set("closed");
    clearTimeout(this.#retryTimer);
    clearInterval(this.#lookTimer);
    for (const socket of [this.#socket, this.#attempt]) if (socket) hush(socket);
    this.#socket = this.#attempt = null;
  }

  /**
   * @template {keyof Events} T
   * @param {T} type
   * @param {(message: Events[T]) => void} handler
   * @returns {() => void} stops listening
   */
  on(type, handler) {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  /**
   * Sends a command, again after every gap, until the server has answered. The promise is kept when it has taken effect
   * and broken with `Refused` when it will not.
   * @param {Unnamed<Command>} command
   * @returns {Promise<void>}
   */
  send(command) {
    return this.#outgoing.send(command);
  }

  /**
   * Sends an offer, answer or candidate: arrives once and in order, or not at all when the session is lost.
   * @param {Relay} message
   */
  relay(message) {
    this.#outgoing.relay(message);
  }

  /** Something looks wrong (ICE disconnected, `online`): a fresh socket, beside the old one if there is one. */
  nudge() {
    this.#nudged = this.#options.now();
    this.#connect();
  }

  /** The line is known to be there again: an attempt that still waits for it would wait for its next SYN. */
  anew() {
    if (this.#attempt) hush(this.#attempt);
    this.#attempt = null;
    this.patience.found();
    this.nudge();
  }

  #connect() {
    clearTimeout(this.#retryTimer);
    if (this.#attempt || this.state.state === "closed") return;
    const socket = new this.#options.socketClass(this.#options.url, SUBPROTOCOL);
    this.#attempt = socket;
    socket.onopen = () => socket.send(JSON.stringify(this.#hello()));
    socket.onmessage = (event) => this.#receive(socket, JSON.parse(String(event.data)));
    socket.onclose = (event) => this.#lose(socket, event.code);
    setTimeout(() => socket === this.#attempt && this.#lose(socket, TOO_LATE), ATTEMPT * this.patience.times);
  }

  #hello() {
    const resume = this.#session.token ? { resume: this.#session } : {};
    return { type: "hello", tab: this.#tab, ...resume };
  }

  /** @param {Socket} socket @param {FromServer} message */
  #receive(socket, message) {
    if (message.type === "welcome") this.#open(socket, message);
    if (socket !== this.#socket) return;
    this.heardAt = this.#options.now();
    this.patience.heard();
    if (message.type === "ping") return this.#pong(message.relayed);
    if (message.type !== "welcome" && message.type !== "snapshot" && !this.#isNext(message.seq)) return;
    if (message.type === "ack" || message.type === "refused") this.#outgoing.settle(message.id, message);
    if (message.type === "drain") this.#holdUntil = this.heardAt + this.#options.random() * message.withinMs;
    if (message.type === "call-moved" && message.call === this.#outgoing.seat?.call) this.#outgoing.seat = null;
    this.#emit(message.type, message);
  }

  /** @param {Socket} socket @param {Welcome} welcome */
  #open(socket, welcome) {
    if (socket !== this.#attempt) return;
    if (this.#socket) hush(this.#socket);
    this.#socket = this.#attempt = null;
    this.#tries = 0;
    if (!welcome.resumed) this.#session.received = 0;
    if (!welcome.resumed) this.#outgoing.startAnew();
    this.#socket = socket;
    this.#session = { ...this.#session, session: welcome.session, token: welcome.token };
    this.#outgoing.confirm(welcome.relayed);
    this.#set("open");
    this.#outgoing.repeat();
    if (this.heardAt) this.#emit("gap", { ms: this.#options.now() - this.heardAt });
  }

  /** @param {number} seq */
  #isNext(seq) {
    if (seq > this.#session.received + 1) this.nudge();
    if (seq !== this.#session.received + 1) return false;
    this.#session.received = seq;
    return true;
  }

  /** @param {number} relayed */
  #pong(relayed) {
    this.#outgoing.confirm(relayed);
    this.#socket?.send(JSON.stringify({ type: "pong", received: this.#session.received }));
  }

  /** @param {Socket} socket @param {number} code */
  #lose(socket, code = 1006) {
    if (socket !== this.#socket && socket !== this.#attempt) return;
    hush(socket);
    const isOldOne = socket === this.#socket && this.#attempt !== null; // the fresh one beside it is about to take over
    if (socket === this.#socket) this.#socket = null;
    if (code === TOO_LATE && this.#outgoing.seat) this.patience.dropped();
    if (socket === this.#attempt) this.#attempt = null;
    if (code in GIVES_UP && !(isOldOne && code === 4441)) return this.#giveUp(code);
    if (this.#socket || isOldOne) return;
    this.#set("lost"); // also where it was never open: whoever looks at the page has no server
    if (PATIENT.includes(code)) this.#tries = 5;
    const longest = this.busy || this.#outgoing.seat ? RETRY_AT_MOST_BUSY : RETRY_AT_MOST;
    const wait = this.#options.random() * Math.min(longest, RETRY_FIRST * 2 ** this.#tries++);
    this.#retryTimer = setTimeout(() => this.#connect(), Math.max(wait, this.#holdUntil - this.#options.now()));
  }

  /** @param {number} code */
  #giveUp(code) {
    this.close();
    this.#emit(/** @type {string} */ (GIVES_UP[code]), { code });
  }

  #look() {
    const now = this.#options.now();
    const silence = now - this.heardAt;
    const longest = this.#outgoing.seat ? SILENCE_IN_CALL * this.patience.times : SILENCE;
    if (!this.#socket || now - this.#nudged < ACK * this.patience.times) return;
    if (silence > 2 * longest) this.#lose(this.#socket);
    else if (silence > longest || this.#outgoing.isUnanswered(ACK)) this.nudge();
  }

  /** @param {State} state */
  #set(state) {
    if (state === this.state.state) return;
    this.state = { state, since: Date.now() };
    this.#emit("state", this.state);
  }

  /** @param {string} type @param {unknown} message */
  #emit(type, message) {
    for (const handler of [...(this.#handlers.get(type) ?? [])]) handler(message);
  }
}

/** @param {Socket} socket  that has nothing more to say to us */
function hush(socket) {
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
}
