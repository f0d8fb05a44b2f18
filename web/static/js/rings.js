/**
 * What rings at this doctor, as the server says it: reads each ring over HTTP, takes it or says that one cannot.
 * Knows no elements. Emits `added`, `renewed`, `removed` and `changed`.
 */

import { get, HttpError, pause, postUntilAnswered } from "./http.js";

/**
 * @typedef {{text: string, level: string, direction: string}} Mark
 * @typedef {{
 *   request: string, emergency: boolean, busy: boolean, station: string, from: string, who: string, complaint: string,
 *   line: string, marks: Mark[], carries: string, weak: boolean, elapsedMs: number, leftMs: number, totalMs: number, readAt: number,
 * }} Ring
 * @typedef {{request: string, by: string, reason: string, mine: boolean}} End
 */

export const ACCEPTED = "accepted-here"; // in this very page: what is ready goes on into the call

export class Rings extends EventTarget {
  /** @type {Map<string, Ring>} */ #rings = new Map();
  /** @type {Set<string>} */ #reading = new Set();
  /** @type {Set<string>} */ #accepting = new Set();

  /** Emergencies first, then the longest wait. */
  get all() {
    return [...this.#rings.values()].sort((one, other) =>
      Number(other.emergency) - Number(one.emergency) || other.elapsedMs + other.readAt - (one.elapsedMs + one.readAt));
  }

  /** @param {string} request */
  has(request) {
    return this.#rings.has(request);
  }

  /** The server's view replaces this page's. @param {string[]} requests */
  replace(requests) {
    for (const request of [...this.#rings.keys(), ...this.#reading]) {
      if (!requests.includes(request)) this.end({ request, by: "", reason: "over", mine: false });
    }
    for (const request of requests) if (!this.#rings.has(request)) void this.add(request);
  }

  /** It rings here; told again of one that rings already, something about it is new. @param {string} request */
  async add(request) {
    if (this.#reading.has(request)) return;
    this.#reading.add(request);
    const ring = await this.#read(request);
    if (!this.#reading.delete(request) || !ring) return; // it ended while it was read
    const isKnown = this.#rings.has(request);
    this.#rings.set(request, ring);
    this.#emit(isKnown ? "renewed" : "added", ring);
  }

  /** It rings here no longer. @param {End} end */
  end(end) {
    this.#reading.delete(end.request);
    const ring = this.#rings.get(end.request);
    if (!ring || (end.mine && this.#accepting.has(end.request))) return;
    this.#rings.delete(end.request);
    this.#emit("removed", { ring, end });
  }

  /**
   * Takes the request; pressing twice takes it once. Gives the call, or null when a second press waits for the first.
   * Throws HttpError when somebody was faster (its message says who).
   * @param {string} request
   * @param {{leg?: string, onWait?: () => void}} [more] `leg`: our peer id in a connection that stands; `onWait`: the line is
   *   down, it goes on trying
   * @returns {Promise<string | null>}
   */
  async accept(request, { leg, onWait } = {}) {
    if (this.#accepting.has(request)) return null;
    this.#accepting.add(request);
    try {
      const { call } = await postUntilAnswered(`/requests/${request}/accept`, leg ? { leg } : {}, { onWait });
      this.#accepting.delete(request);
      this.end({ request, by: "", reason: ACCEPTED, mine: true });
      return call;
    } finally {
      this.#accepting.delete(request);
    }
  }

  /** @param {string} request @param {() => void} [onWait] */
  async decline(request, onWait) {
    await postUntilAnswered(`/requests/${request}/decline`, {}, { onWait });
    this.end({ request, by: "", reason: "declined", mine: true });
  }

  /** @param {string} request @returns {Promise<Ring | null>} */
  async #read(request) {
    for (let attempt = 0; this.#reading.has(request); attempt++) {
      try {
        return { ...(await get(`/requests/${request}/ring`)), readAt: performance.now() };
      } catch (error) {
        if (!(error instanceof HttpError) || !error.mayPass) return null;
        await pause(attempt);
      }
    }
    return null;
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
    this.dispatchEvent(new CustomEvent("changed"));
  }
}
