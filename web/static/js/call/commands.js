/** What a call's page tells the server, and which messages of the server are for it. */

import { channel } from "../wire.js";

/** @import {LocalMedia} from "./media.js" */

/**
 * What the modules of a call know of this side and the other side is told.
 * @typedef {Omit<import("../protocol.js").Peer, "peer" | "participant" | "side" | "name" | "organization" | "microphone" | "camera">} State
 */

const SEAT = 4_000; // milliseconds after a new session in which the seat is expected back

export class Commands extends EventTarget {
  #call;
  #media;
  /** @type {Partial<State>} */ #state = {};
  #seated = false;
  #entered = { microphone: true, camera: true };   // as said with the seat: devices may open, or fail, meanwhile

  /** Emits `told` when this side's state changed. @param {string} call @param {LocalMedia} media */
  constructor(call, media) {
    super();
    this.#call = call;
    this.#media = media;
  }

  /** Whether the call's messages reach this page. */
  get isSeated() {
    return this.#seated;
  }

  /** What this side says of itself. */
  get state() {
    return this.#state;
  }

  /** @param {string} peer @param {boolean} takeOver */
  enter(peer, takeOver) {
    this.#entered = this.#sending();
    return channel.send({ type: "enter", call: this.#call, peer, takeOver, ...this.#sending() });
  }

  leave() {
    this.#seated = false;
    channel.send({ type: "leave", call: this.#call }).catch(() => {});
  }

  /** The seat is ours, perhaps anew: what the others should know of this side is said with it. */
  seated() {
    this.#seated = true;
    const { microphone, camera } = this.#sending();
    const isAsSaid = microphone === this.#entered.microphone && camera === this.#entered.camera;
    if (!isAsSaid || Object.keys(this.#state).length > 0) this.mediaState();
  }

  /** Something of this side changed: the others are told, now or as soon as there is a seat. @param {Partial<State>} state */
  tell(state) {
    const changed = Object.entries(state).some(([name, value]) => this.#state[/** @type {keyof State} */ (name)] !== value);
    this.#state = { ...this.#state, ...state };
    if (!changed) return;
    if (this.#seated) this.mediaState();
    this.dispatchEvent(new Event("told"));
  }

  mediaState() {
    channel.send({ type: "media-state", call: this.#call, ...this.#sending(), ...this.#state }).catch(() => {});
  }

  /** @param {boolean} flows whether the other side's media arrives */
  mediaReport(flows) {
    channel.send({ type: "media-report", call: this.#call, media: flows ? "connected" : "lost" }).catch(() => {});
  }

  /** @param {import("./figures.js").Figures} figures @param {string} rung */
  measured(figures, rung) {
    const quality = { ...figures, bytesUsed: Math.round(figures.bytesUsed), rung };
    channel.send({ type: "measured", call: this.#call, quality }).catch(() => {});
  }

  #sending() {
    return { microphone: this.#media.isOn("audio"), camera: this.#media.isOn("video") };
  }
}

/**
 * @typedef {{
 *   missed: () => void, seated: (message: any) => void, joined: (peer: any) => void, left: (peer: string, isGone: boolean) => void,
 *   away: (peer: string) => void, theirs: (message: any) => void, relayed: (kind: "offer" | "answer" | "candidate", message: any) => void,
 *   changed: (message: any) => void, moved: () => void,
 *   note: (encounter: string) => void, written: (encounter: string) => void,
 * }} Ears
 */

/** @param {string} call @param {Ears} ears @param {AbortSignal} signal */
export function listen(call, ears, signal) {
  /** @param {string} type @param {(message: any) => void} handler */
  const on = (type, handler) => {
    const stop = channel.on(/** @type {any} */ (type), (/** @type {any} */ message) => {
      if (message.call === call || message.call === undefined) handler(message);
    });
    signal.addEventListener("abort", stop);
  };
  // The channel takes the seat again by itself; if that was refused, the page asks.
  on("welcome", ({ resumed }) => { if (!resumed) setTimeout(ears.missed, SEAT); });
  on("entered", ears.seated);
  on("peer-joined", ({ peer }) => ears.joined(peer));
  on("peer-left", ({ peer, reason }) => ears.left(peer, reason === "gone"));
  on("peer-away", ({ peer }) => ears.away(peer));
  on("peer-media", ears.theirs);
  for (const kind of /** @type {const} */ (["offer", "answer", "candidate"])) {
    on(`relayed-${kind}`, (message) => ears.relayed(kind, message));
  }
  on("call-changed", ears.changed);
  on("call-moved", ears.moved);
  on("case-changed", ({ encounter, photo }) => { if (!photo) ears.written(encounter); });
  on("note-changed", ({ encounter }) => ears.note(encounter));
}
