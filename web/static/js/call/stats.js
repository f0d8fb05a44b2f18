/** What the connection does, from getStats twice a second: whether media flows, and how large the picture is. Knows no DOM and no channel. */

import { Flow } from "./flow.js";

const LOOK = 500;         // milliseconds: down the ladder within four seconds takes several looks
const LOOK_FIRST = 250;   // milliseconds, until media flows: people wait for it

/**
 * @typedef {{receivedBytes: number, all: number, frames: number, height: number, at: number}} Reading `all`: of the transport, data too
 * @typedef {"clear" | "medium" | "small" | "voice"} Picture
 */

export class Stats extends EventTarget {
  #connection;
  /** @type {Reading | null} */ #last = null;
  #flow = new Flow();
  #closed = false;
  /** @type {ReturnType<typeof setTimeout>} */ #timer;

  /** Emits `report` (each RTCStatsReport), `flow` (connected, lost) and `look` ({picture, kbps}). @param {RTCPeerConnection} connection */
  constructor(connection) {
    super();
    this.#connection = connection;
    this.#timer = setTimeout(() => void this.#look(), LOOK_FIRST);
  }

  close() {
    clearTimeout(this.#timer);
    this.#closed = true;
  }

  async #look() {
    if (this.#connection.connectionState === "closed") return;
    const report = await this.#connection.getStats();
    if (this.#closed) return;
    const now = read(report, performance.now());
    this.#emit("report", report);
    this.#timer = setTimeout(() => void this.#look(), this.#flow.state === "connected" ? LOOK : LOOK_FIRST);
    const last = this.#last, flow = this.#flow.state;
    this.#last = now;
    if (this.#flow.take({ media: now.receivedBytes, all: now.all, at: now.at }) !== flow) this.#emit("flow", this.#flow.state);
    if (!last) return;
    this.#emit("look", { picture: picture(now, last), kbps: kbps(now.receivedBytes - last.receivedBytes, now.at - last.at) });
  }

  /** @param {string} name @param {unknown} detail */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** One report as plain sums over both kinds. @param {RTCStatsReport} report @param {number} at @returns {Reading} */
function read(report, at) {
  const sum = { receivedBytes: 0, all: 0, frames: 0, height: 0, at };
  for (const one of report.values()) {
    if (one.type === "transport") sum.all += one.bytesReceived ?? 0;
    if (one.type !== "inbound-rtp") continue;
    sum.receivedBytes += (one.bytesReceived ?? 0) + (one.headerBytesReceived ?? 0);
    if (one.kind === "video") {
      sum.frames = one.framesDecoded ?? 0;
      sum.height = Math.min(one.frameHeight ?? 0, one.frameWidth ?? 0);
    }
  }
  return sum;
}

/** The picture in words, by its shorter edge. @param {Reading} now @param {Reading} last @returns {Picture} */
export function picture(now, last) {
  if (now.frames <= last.frames || !now.height) return "voice";
  if (now.height >= 540) return "clear";
  return now.height >= 270 ? "medium" : "small";
}

/** @param {number} bytes @param {number} span in milliseconds */
export function kbps(bytes, span) {
  return span > 0 ? Math.max(0, (bytes * 8) / span) : 0;
}
