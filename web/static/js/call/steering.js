/**
 * Steers what this side sends: hears from each look at the connection and from the other side how the line is, lets the ladder decide,
 * lays the rung's plan on the senders, and tells the other side what arrives here. Outlives its connections.
 */

import { begin, decide, LATE_PROBE, limit, padding, rungOf, suffers } from "./ladder.js";
import { FIRST, plan } from "./limits.js";
import { Probe } from "./probe.js";
import { Ear, read } from "./quality.js";
import { Lateness, pack, unpack } from "./report.js";
import { lay } from "./senders.js";
import { Turns } from "./turns.js";

/** @import {Plan, Rung} from "./limits.js" */
/** @import {Negotiation} from "./negotiation.js" */
/** @import {Stats} from "./stats.js" */

// Milliseconds between two words to the other side where it sends no picture, at most one a look: where words come in bursts to nothing,
// rarer ones leave a bad one standing for too long. And where it sends no voice either: there they would take a third of the line.
const SELDOM = 400, RARELY = 1_500;
const TRIED = 200;      // milliseconds between them while it tries for more

export class Steering extends EventTarget {
  #state = begin({}, performance.now());
  #ear = new Ear();
  #lateness = new Lateness();
  #lateMs = 0;
  #saidAt = 0;
  #laid = "";
  #shown = false;      // the other side has seen a first frame of this connection
  #kbps = 0;           // of padding, now
  /** @type {Negotiation | null} */ #negotiation = null;
  /** @type {RTCDataChannel | null} */ #figures = null;
  /** @type {Probe | null} */ #probe = null;
  #listeners = new AbortController();
  #isCarrying = false;
  #turns = new Turns((fault) => console.error("senders", fault));
  #camera;

  /** @param {() => MediaStreamTrack | null} camera the picture that is or will be sent */
  constructor(camera) {
    super();
    this.#camera = camera;
  }

  /** The rung that this side sends on. `rung` is emitted with its name when it changes, `theirs` with that of the other side. @returns {Rung} */
  get rung() {
    return rungOf(this.#state);
  }

  /** What the line carries beside the voice, in kbit/s; 0: nothing may be sent now. */
  get spare() {
    return suffers(this.#state) ? 0 : this.#plan.spare;
  }

  /** Nothing arrives here at the moment; `cut` is emitted with true and false. */
  get isCut() {
    return this.#state.isCut;
  }

  get #plan() {
    return plan(this.rung, this.#state.line, this.#isCarrying);
  }

  /** Whether a still is on its way. @param {boolean} isCarrying */
  carry(isCarrying) {
    this.#isCarrying = isCarrying;
    this.#steer();
  }

  /** Where to begin, as a line check found it. @param {{start?: Rung, line?: number}} found `line` in kbit/s */
  begin(found) {
    this.#state = begin({ ...found, top: rungOf({ ...this.#state, rung: this.#state.top }) }, performance.now());
    this.lay();
  }

  /** The best rung that may be sent. @param {Rung} top */
  limit(top) {
    this.#state = limit(this.#state, top);
  }

  /** @param {Negotiation} negotiation @param {Stats} stats that looks at its connection */
  follow(negotiation, stats) {
    this.release();
    this.#negotiation = negotiation;
    const { signal } = this.#listeners = new AbortController();
    stats.addEventListener("report", (event) => this.#look(/** @type {CustomEvent<RTCStatsReport>} */ (event).detail), { signal });
    negotiation.addEventListener("channels", () => this.#open(), { signal });
    if (negotiation.channels) this.#open();
  }

  release() {
    this.#listeners.abort();
    this.#probe?.close();
    this.#probe = this.#figures = this.#negotiation = null;
    this.#ear = new Ear();
    this.#lateness = new Lateness();
    this.#laid = "";
    this.#shown = false;
  }

  /** Lays the plan on the senders again: a camera was changed. */
  lay() {
    this.#laid = "";
    this.#steer();
  }

  /** Once all that was planned so far is laid on the senders. */
  laid() {
    return this.#turns.take(async () => {});
  }

  #open() {
    const { signal } = this.#listeners, channel = this.#negotiation?.channels?.figures;
    if (!channel) return;
    this.#figures = channel;
    this.#probe = new Probe(channel);
    channel.binaryType = "arraybuffer";
    channel.addEventListener("message", ({ data }) => this.#told(data), { signal });
    this.#steer();
  }

  /** @param {unknown} data */
  #told(data) {
    const said = data instanceof ArrayBuffer ? unpack(data) : null;
    if (!said) return;
    const now = performance.now();
    this.#lateMs = this.#lateness.take(said.sentAt, now);
    if (said.rung) this.#emit("theirs", said.rung);
    if (said.heard) this.#ear.told(said.heard, now);
    // While the other side tries the line, it has to know at once when packets pile up; and so have we.
    else if (now - this.#saidAt > TRIED) this.#say(now, true);
    if (this.#state.probe && (said.heard?.lateMs ?? 0) > LATE_PROBE) this.#probe?.set(0);
  }

  /** @param {RTCStatsReport} report */
  #look(report) {
    const now = performance.now(), before = this.#state, reading = read(report, now);
    if (reading.receivedBytes === 0) return;
    this.#ear.take(reading);
    const quality = this.#ear.quality(this.#kbps);
    this.#state = decide(before, quality, now);
    this.#kbps = padding(this.#state, quality, now);
    this.#probe?.set(this.#kbps);
    this.#shown = quality.shown;
    this.#steer();
    this.#say(now);
    if (before.rung !== this.#state.rung) this.#emit("rung", this.rung);
    if (before.isCut !== this.#state.isCut) this.#emit("cut", this.#state.isCut);
  }

  #steer() {
    const negotiation = this.#negotiation, full = this.#plan;
    const next = this.#shown || !full.picture ? full : { ...full, picture: FIRST };
    const text = JSON.stringify(next);
    if (!negotiation || text === this.#laid) return;
    this.#laid = text;
    const form = formOf(next === full ? plan(this.rung, this.#state.line) : next); // the same while a still is on its way
    void this.#turns.take(async () => {
      if (negotiation.isClosed) return;
      if (!await lay(negotiation.connection, next, this.#camera())) this.#laid = "";
      await negotiation.reform(form);
    });
  }

  /** @param {number} now @param {boolean} [isTried] the other side tries the line: it has to know at once */
  #say(now, isTried = false) {
    const heard = this.#ear.heard(this.#lateMs), pause = isTried || heard.frozen >= 0 ? 0 : heard.lost >= 0 ? SELDOM : RARELY;
    if (this.#figures?.readyState !== "open" || this.#figures.bufferedAmount > 0 || now - this.#saidAt < pause) return;
    this.#saidAt = now;
    this.#figures.send(pack(heard, now, this.rung));
  }

  /** @param {string} name @param {unknown} detail */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** @param {Plan} plan @returns {import("./sdp.js").Form} */
function formOf({ voice, picture }) {
  return { ptime: voice?.ptime ?? 60, floor: picture?.floor ?? 0, start: picture?.kbps ?? 0 };
}
