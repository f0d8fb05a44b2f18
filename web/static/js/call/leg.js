/**
 * Connections that are made ready while a request rings, one with each page at the other side: ICE and DTLS stand, and nothing is
 * sent. When the request is accepted one of them becomes the call's. Without one the call connects as ever. Knows no DOM; the
 * story is told in signaling/PROTOCOL.md.
 */

import { configurationOf } from "./configuration.js";
import { Negotiation } from "./negotiation.js";

/** @import {LegOpened} from "../protocol.js" */
/** @typedef {{negotiation: Negotiation, peer: string, other: string}} Leg ours and the other side's peer ids stay with it */

const BROKEN = ["disconnected", "failed", "closed"]; // of RTCPeerConnectionState: a call begins anew rather than heal such a line

export class Legs {
  peer = crypto.randomUUID();
  #request;
  #thin;
  #channel;
  /** @type {Map<string, Negotiation>} by the other side's peer */ #open = new Map();
  #isKnown = false;   // to the server
  /** @type {Negotiation | null} */ #taken = null;
  #listeners = new AbortController();

  /**
   * @param {{request: string, channel: Pick<import("../channel.js").Channel, "on" | "send" | "relay">, thin?: boolean}} options
   *   `thin`: our line bears one of them at most
   */
  constructor({ request, channel, thin = false }) {
    this.#request = request;
    this.#thin = thin;
    this.#channel = channel;
    this.#on("welcome", ({ resumed }) => { if (!resumed && this.#isKnown) void this.#ask(); });
    this.#on("leg-opened", (message) => this.#opened(message));
    this.#on("leg-closed", ({ other }) => this.#drop(other));
    for (const kind of /** @type {const} */ (["offer", "answer", "candidate"])) {
      this.#on(`relayed-${kind}`, (message) => void this.#open.get(message.sender)?.[kind](/** @type {any} */ (message)));
    }
    void this.#ask();
  }

  /**
   * The request was accepted: the leg with `other`, or the only one there is, goes on as the call's, if it stands. All others are
   * closed.
   * @param {string} [other] @returns {Leg | null}
   */
  take(other = [...this.#open.keys()][0]) {
    const negotiation = this.#open.get(other ?? "");
    if (!other || !negotiation || BROKEN.includes(negotiation.connection.connectionState)) {
      this.close();
      return null;
    }
    this.#taken = negotiation;
    for (const one of this.#open.keys()) this.#drop(one);
    // What was on its way comes under the request's id, until both sides are in the call.
    this.#on("call-changed", ({ state }) => { if (state !== "opened") this.#listeners.abort(); });
    return { negotiation, peer: this.peer, other };
  }

  close() {
    this.#listeners.abort();
    for (const other of this.#open.keys()) this.#drop(other);
  }

  async #ask() {
    try {
      await this.#channel.send({ type: "leg", request: this.#request, peer: this.peer, thin: this.#thin });
      this.#isKnown = true;
    } catch {
      if (!this.#taken) this.close(); // others were faster, or it rings no longer
    }
  }

  /** @param {LegOpened} message */
  #opened({ peer, other, polite, media }) {
    if (peer !== this.peer || this.#taken) return;
    const standing = this.#open.get(other);
    if (standing) return standing.repeat();
    const to = { call: this.#request, to: other };
    const negotiation = new Negotiation({
      configuration: configurationOf(media), polite, send: (signal) => this.#channel.relay({ ...signal, ...to }),
    });
    negotiation.addEventListener("fault", (event) => console.error("leg", /** @type {CustomEvent} */ (event).detail));
    this.#open.set(other, negotiation);
  }

  /** @param {string} other */
  #drop(other) {
    const negotiation = this.#open.get(other);
    if (!negotiation || negotiation === this.#taken) return;
    this.#open.delete(other);
    negotiation.close();
  }

  /** @template {keyof import("../channel.js").Messages} T @param {T} type @param {(message: import("../channel.js").Messages[T]) => void} handler */
  #on(type, handler) {
    const stop = this.#channel.on(type, (/** @type {any} */ message) => {
      const about = message.request ?? (type.startsWith("relayed-") ? message.call : this.#request);
      if (about === this.#request) handler(message);
    });
    this.#listeners.signal.addEventListener("abort", stop);
  }
}
