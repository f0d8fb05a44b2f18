/**
 * The line against our own server: opens a connection to a far end (signaling/echo.py), pings it, sends trains both ways, and
 * sees which ways media can take. Knows no DOM; the figures are made in line_probe.js. At most ten seconds and 400 kB.
 */

import { get, post } from "./http.js";
import { isDirect, Paths } from "./line_paths.js";
import { isSettled, kbpsOf, lengthOf, Pings, rateOf, rungOf, train } from "./line_probe.js";

/** @import {Rung} from "./call/limits.js" */
/** @import {Quality} from "./line_probe.js" */
/** @import {Path} from "./line_paths.js" */

const AT_MOST = 8_800; // milliseconds in all; what is known by then is the result
const ANSWER_AFTER = 300; // milliseconds for our own addresses to be found: without them the far end finds us by our checks
const PINGS = 18;
const PING_EVERY = 80; // milliseconds: with headers and SCTP's own answers 20 kbit/s each way
const PING = 40; // bytes of the text
const LATE = 4_000; // milliseconds until the line stood: the rest is short, and trains say more than pings
const ROUNDS = 6;
const ORDERS = 3; // copies of what asks for a train
const QUIET = 350; // milliseconds without a packet after which the rest of a train is lost
const PATHS_AT_MOST = 3_000; // milliseconds after everything else: a blocked way answers nothing, ever

/**
 * `connected`: a way to the far end was found; without one every figure is null. `paths` are open, of `tried` something is known.
 * @typedef {Quality & {rung: Rung, kbpsUp: number | null, kbpsDown: number | null, paths: Path[], tried: Path[],
 *   hasRelay: boolean, connected: boolean}} Result
 */

/**
 * Measures once. Throws HttpError when the server has no far end for us now.
 * @param {{signal: AbortSignal, short?: boolean}} options `short`: fewer pings and trains, for beside other things
 * @returns {Promise<Result>}
 */
export async function checkLine({ signal, short = false }) {
  const line = new LineCheck(AbortSignal.any([signal, AbortSignal.timeout(AT_MOST)]), short);
  try {
    await line.open();
    await line.measure();
  } catch (fault) {
    // Time is up: what is known is the result. Everything else is the caller's.
    if (signal.aborted || !line.signal.aborted) throw fault;
  } finally {
    line.close();
  }
  return line.result;
}

class LineCheck {
  #short;
  #since = performance.now();
  #isDirect = false;
  #pings = new Pings();
  /** @type {Paths | null} */ #paths = null;
  /** @type {RTCPeerConnection | null} */ #connection = null;
  /** @type {RTCDataChannel | null} */ #channel = null;
  /** @type {{up: (number | null)[], down: (number | null)[]}} */ #rates = { up: [], down: [] };
  /** @type {((message: any, at: number) => void) | null} */ #listen = null;

  /** @param {AbortSignal} signal @param {boolean} short */
  constructor(signal, short) {
    this.signal = signal;
    this.#short = short;
  }

  /** @returns {Result} */
  get result() {
    const [kbpsUp, kbpsDown] = [kbpsOf(this.#rates.up), kbpsOf(this.#rates.down)];
    const paths = [...(this.#isDirect ? /** @type {Path[]} */ (["direct"]) : []), ...(this.#paths?.found ?? [])];
    const { tried = [], offered = [] } = this.#paths ?? {};
    return { ...this.#pings.quality, rung: rungOf(kbpsUp), kbpsUp, kbpsDown, paths, tried, hasRelay: offered.length > 0,
      connected: this.#pings.count > 0 || kbpsUp !== null };
  }

  async open() {
    // While the far end's process starts, the ways to the relay are tried.
    const { line, iceServers, policy } = await post("/check/line", {}, { signal: this.signal });
    this.#paths = new Paths(iceServers);
    const [{ sdp }, servers] = await Promise.all([
      get(`/check/line/${line}`, { signal: this.signal }), this.#paths.choose(this.signal)]);
    const connection = new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: policy });
    this.#connection = connection;
    const channel = connection.createDataChannel("probe", { negotiated: true, id: 0, ordered: false, maxRetransmits: 0 });
    this.#channel = channel;
    channel.addEventListener("message", ({ data }) => this.#heard(data));
    const opened = once(channel, "open", this.signal);
    opened.catch(() => {}); // awaited below, if we get there
    await connection.setRemoteDescription({ type: "offer", sdp });
    const { sdp: answer = "" } = await connection.createAnswer();
    // The far end greets first: a browser's greeting fills two packets, and a bad line loses one of them.
    await connection.setLocalDescription({ type: "answer", sdp: answer.replace("a=setup:active", "a=setup:passive") });
    await this.#gathered(connection);
    await Promise.all([opened, post(`/check/line/${line}`, { sdp: connection.localDescription?.sdp }, { signal: this.signal })]);
  }

  /** The rate first: on a bad line little time is left once the channel is open. */
  async measure() {
    await this.#lookForDirect();
    await this.#round(0);
    await this.#ping();
    for (let turn = 1; turn < (this.#short ? 3 : ROUNDS) && !this.#isEnough(); turn++) await this.#round(turn);
    await this.#lookForDirect(); // it may have been slower than the relay
    await this.#paths?.finish(PATHS_AT_MOST, this.signal);
  }

  async #lookForDirect() {
    if (this.#connection) this.#isDirect ||= await isDirect(this.#connection);
  }

  close() {
    if (this.#channel?.readyState === "open") this.#say({ bye: true }, 0);
    this.#connection?.close();
    this.#paths?.close();
  }

  /** @param {RTCPeerConnection} connection */
  async #gathered(connection) {
    const soon = wait(ANSWER_AFTER, this.signal);
    soon.catch(() => {});
    while (connection.iceGatheringState !== "complete") {
      const change = once(connection, "icegatheringstatechange", this.signal).then(() => true);
      if (!await Promise.race([change, soon.then(() => false)])) return;
    }
  }

  async #ping() {
    const number = this.#short || performance.now() - this.#since > LATE ? PINGS / 2 : PINGS;
    const all = new Promise((resolve) => {
      this.#listen = ({ pong, got, at }, now) => {
        if (typeof pong !== "number") return;
        this.#pings.echoed(pong, got, at, now);
        if (this.#pings.count === number) resolve(null);
      };
    });
    for (let at = 0; at < number; at++) {
      this.#pings.sent(at, performance.now());
      this.#say({ ping: at }, PING);
      await wait(PING_EVERY, this.signal);
    }
    await Promise.race([all, wait(QUIET + 2 * (this.#pings.roundTrip ?? 1_000), this.signal)]);
  }

  /** A train up, then one down, which tells what arrived of the first. @param {number} turn */
  async #round(turn) {
    const [up, down] = [train(kbpsOf(this.#rates.up)), train(kbpsOf(this.#rates.down))];
    for (let place = 0; place < up.count; place++) this.#say({ up: turn, n: place }, up.size);
    // Several times, since they may be lost.
    for (let copy = 0; copy < ORDERS; copy++) this.#say({ down: turn, ...down }, 0);
    const came = await this.#train(turn, down.count, this.#patience(up, down));
    const roundTrip = this.#pings.roundTrip ?? 0;
    this.#rates.up.push(rateOf(came.up, up.size, roundTrip));
    this.#rates.down.push(rateOf(came.down, came.size, roundTrip));
  }

  /** Until the first packet of the train down should be here. @param {{count: number, size: number}} up @param {{count: number, size: number}} down */
  #patience(up, down) {
    const [upKbps, downKbps] = [kbpsOf(this.#rates.up) ?? 12, kbpsOf(this.#rates.down) ?? 12];
    return QUIET + 1.5 * (this.#pings.roundTrip ?? 500) + lengthOf(up, upKbps) + lengthOf(down, downKbps) / 2;
  }

  /**
   * @param {number} turn @param {number} count @param {number} patience
   * @returns {Promise<{up: [number, number][], down: [number, number][], size: number}>}
   */
  async #train(turn, count, patience) {
    /** @type {{up: [number, number][], down: [number, number][], size: number}} */
    const came = { up: [], down: [], size: 0 };
    const quiet = new Quiet(patience, this.signal);
    this.#listen = (message, at) => {
      if (message.down !== turn) return;
      came.up = message.up;
      came.down.push([message.n, at]);
      came.size = message.size;
      if (came.down.length === count) quiet.end();
      else quiet.begin(QUIET + gap(came.down) * 3);
    };
    await quiet.ended;
    return came;
  }

  #isEnough() {
    return isSettled(this.#rates.up) && isSettled(this.#rates.down);
  }

  /** @param {string} data */
  #heard(data) {
    const at = performance.now();
    this.#listen?.({ ...JSON.parse(data), size: data.length }, at);
  }

  /** @param {Record<string, unknown>} message @param {number} size */
  #say(message, size) {
    const text = JSON.stringify(message);
    if (this.#channel?.readyState !== "open") return;
    this.#channel.send(size ? `${text.slice(0, -1)},"pad":"${".".repeat(Math.max(0, size - text.length - 9))}"}` : text);
  }
}

/** Resolves when nothing came for so long. */
class Quiet {
  /** @type {() => void} */ end = () => {};
  /** @type {any} */ #timer;

  /** @param {number} first milliseconds @param {AbortSignal} signal */
  constructor(first, signal) {
    this.ended = new Promise((resolve, reject) => {
      this.end = () => resolve(null);
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    this.begin(first);
  }

  /** @param {number} span milliseconds, from now */
  begin(span) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.end, span);
  }
}

/** Milliseconds between two packets that arrived, on the whole. @param {[number, number][]} arrived */
function gap(arrived) {
  const times = arrived.map(([, at]) => at);
  return times.length > 1 ? (Math.max(...times) - Math.min(...times)) / (times.length - 1) : 0;
}

/** @param {EventTarget} target @param {string} event @param {AbortSignal} signal @returns {Promise<Event>} */
function once(target, event, signal) {
  return new Promise((resolve, reject) => {
    target.addEventListener(event, resolve, { once: true, signal });
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
}

/** @param {number} span milliseconds @param {AbortSignal} signal @returns {Promise<void>} */
function wait(span, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const timer = setTimeout(resolve, span);
    signal.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
  });
}
