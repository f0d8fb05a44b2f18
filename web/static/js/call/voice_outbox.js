/**
 * Clips on their way to the server: one after the other, in the order of speaking, from the first second of speech on. A clip
 * leaves memory only when the server has it sealed. Knows no DOM and no wire. Emits `change` with the clip.
 */

import { HttpError } from "../http.js";

/** @import {Answer, Piece} from "./voice_wire.js" */

const PIECE = 3_000;   // bytes: two seconds of the thinnest line, so that a cut costs little and headers cost less
const WORTH = 2_000;   // bytes that are worth a request while more is being spoken
const STALE = 8_000;   // milliseconds without an answer: younger waits are left alone, since a new connection costs more

/**
 * `lengthMs`: null while it is being spoken. `sent`: bytes the server has.
 * @typedef {{
 *   id: string, parts: Blob[], size: number, sent: number, lengthMs: number | null, startedAt: number,
 *   state: "recording" | "sending" | "waiting" | "kept" | "refused", code: string,
 * }} Clip
 */
/**
 * `put`: with a number of 0 in its last piece, whoever needs one has to count first. `now`: milliseconds.
 * @typedef {{
 *   put: (piece: Piece, signal: AbortSignal) => Promise<Answer>,
 *   pause: (attempt: number, signal: AbortSignal) => Promise<void>, now: () => number,
 * }} Options
 */

export class Outbox extends EventTarget {
  #options;
  /** @type {Clip[]} */ #queue = [];
  #kept = -1;             // clips of ours that the server has; -1: not known
  #isRunning = false;
  #closed = new AbortController();
  #attempt = new AbortController();
  #askedAt = 0;

  /** @param {Options} options */
  constructor(options) {
    super();
    this.#options = options;
  }

  /** Clips that were spoken and are not at the server yet. */
  get unsent() {
    return this.#queue.filter((clip) => clip.lengthMs !== null).length;
  }

  /** Somebody begins to speak, or began to. */
  begin({ id = /** @type {string} */ (crypto.randomUUID()), startedAt = this.#options.now() } = {}) {
    /** @type {Clip} */
    const clip = { id, parts: [], size: 0, sent: 0, lengthMs: null, startedAt, state: "recording", code: "" };
    this.#queue.push(clip);
    this.#set(clip, "recording");
    return clip;
  }

  /** @param {Clip} clip @param {Blob} part */
  append(clip, part) {
    clip.parts.push(part);
    clip.size += part.size;
    void this.#run();
  }

  /** @param {Clip} clip @param {number} lengthMs */
  end(clip, lengthMs) {
    clip.lengthMs = lengthMs;
    this.#set(clip, "sending");
    void this.#run();
  }

  /** It shall not be sent after all: what the server has of it is no clip and will be forgotten. @param {Clip} clip */
  cancel(clip) {
    this.#queue = this.#queue.filter((one) => one !== clip);
    void this.#run();
  }

  /** What was refused is tried once more. @param {Clip} clip */
  again(clip) {
    if (clip.state !== "refused") return;
    clip.sent = 0;
    this.#queue.push(clip);
    this.#set(clip, "sending");
    void this.#run();
  }

  /** How many of our clips the server has, as it just said. @param {number} kept */
  counted(kept) {
    this.#kept = Math.max(this.#kept, kept);
  }

  /** The line is another one, or back: an answer that is still awaited may never come. @param {number} [young] milliseconds of waiting that are left alone */
  nudge(young = STALE) {
    if (this.#options.now() - this.#askedAt > young) this.#attempt.abort();
  }

  close() {
    this.#closed.abort();
  }

  async #run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    let attempt = 0;
    for (let clip = this.#next(); clip && !this.#closed.signal.aborted; clip = this.#next()) {
      try {
        await this.#step(clip);
        attempt = 0;
      } catch (error) {
        await this.#survive(clip, error, attempt++);
      }
    }
    this.#isRunning = false;
  }

  /** The oldest clip, if there is something of it to send. */
  #next() {
    const clip = this.#queue[0];
    return clip && (clip.lengthMs !== null || clip.size - clip.sent >= WORTH) ? clip : undefined;
  }

  /** @param {Clip} clip */
  async #step(clip) {
    // A byte is left for the end: a piece that ends a clip is never empty.
    const end = Math.min(clip.lengthMs === null ? clip.size - 1 : clip.size, clip.sent + PIECE);
    const last = clip.lengthMs !== null && end === clip.size ? this.#last(clip, clip.lengthMs) : undefined;
    this.#attempt = new AbortController();
    this.#askedAt = this.#options.now();
    const content = new Blob(clip.parts).slice(clip.sent, end);
    const signal = AbortSignal.any([this.#attempt.signal, this.#closed.signal]);
    const answer = await this.#options.put({ note: clip.id, offset: clip.sent, content, ...(last ? { last } : {}) }, signal);
    if (!this.#queue.includes(clip)) return;
    if (answer.kept) return this.#done(clip);
    clip.sent = answer.received ?? 0;
    this.#set(clip, clip.lengthMs === null ? "recording" : "sending");
  }

  /** @param {Clip} clip @param {number} lengthMs */
  #last({ size, startedAt }, lengthMs) {
    const age = Math.max(0, Math.round(this.#options.now() - startedAt));
    return { total: size, number: this.#kept + 1, length: Math.round(lengthMs), age };
  }

  /** @param {Clip} clip */
  #done(clip) {
    this.#queue = this.#queue.filter((one) => one !== clip);
    if (this.#kept >= 0) this.#kept += 1;
    clip.sent = clip.size;
    this.#set(clip, "kept");
  }

  /** @param {Clip} clip @param {unknown} error @param {number} attempt */
  async #survive(clip, error, attempt) {
    if (this.#closed.signal.aborted || !this.#queue.includes(clip)) return;
    const isHttp = error instanceof HttpError;
    // Another tab of the same person may have sent one, or our own last answer was lost: count anew.
    if (isHttp && error.code === "out-of-order") this.#kept = -1;
    else if (isHttp && !error.mayPass) return this.#refuse(clip, error.code);
    this.#set(clip, clip.lengthMs === null ? "recording" : "waiting");
    await this.#options.pause(attempt, this.#closed.signal);
  }

  /** @param {Clip} clip @param {string} code */
  #refuse(clip, code) {
    this.#queue = this.#queue.filter((one) => one !== clip);
    clip.code = code;
    this.#set(clip, "refused");
  }

  /** @param {Clip} clip @param {Clip["state"]} state */
  #set(clip, state) {
    clip.state = state;
    this.dispatchEvent(new CustomEvent("change", { detail: clip }));
  }
}
