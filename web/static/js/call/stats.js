/**
 * What the connection does, from getStats: twice a second whether media flows and how large the picture is, every ten
 * seconds the figures for the session log. Knows no DOM and no channel.
 */

const LOOK = 500;         // milliseconds: down the ladder within four seconds takes several looks
const LOOK_FIRST = 250;   // milliseconds, until media flows: people wait for it
const MEASURE = 10_000;   // milliseconds
const SILENT = 3_000;     // milliseconds without a byte from the other side: media is lost

import { routeOf } from "./route.js";

/** @import {Route} from "./route.js" */

/**
 * `samples`, `concealed`: of the voice received, and of it what had to be made up; `jitter` in seconds, the worst of both kinds.
 * @typedef {{receivedBytes: number, sentBytes: number, received: number, lost: number, samples: number, concealed: number,
 *   jitter: number, frames: number, height: number, at: number, route: Route}} Reading
 * @typedef {{receivedKbps: number, sentKbps: number, lostPercent: number, concealedPercent: number, jitterMs: number,
 *   bytesUsed: number} & Route} Figures
 * @typedef {"clear" | "medium" | "small" | "voice"} Picture
 */

export class Stats extends EventTarget {
  #connection;
  /** @type {Reading | null} */ #last = null;
  /** @type {Reading | null} */ #measured = null;
  #heardAt = 0;
  #closed = false;
  /** @type {"" | "connected" | "lost"} */ #flow = "";
  /** @type {ReturnType<typeof setTimeout>} */ #timer;

  /** Emits `report` (each RTCStatsReport), `flow` (connected, lost), `look` ({picture, kbps}) and `figures`. @param {RTCPeerConnection} connection */
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
    this.#timer = setTimeout(() => void this.#look(), this.#flow === "connected" ? LOOK : LOOK_FIRST);
    const last = this.#last;
    this.#last = now;
    this.#measured ??= now;
    if (!last) return;
    this.#judge(now, last);
    this.#emit("look", { picture: picture(now, last), kbps: kbps(now.receivedBytes - last.receivedBytes, now.at - last.at) });
    if (now.at - this.#measured.at >= MEASURE) {
      this.#emit("figures", figures(now, this.#measured));
      this.#measured = now;
    }
  }

  /** @param {Reading} now @param {Reading} last */
  #judge(now, last) {
    const flows = now.receivedBytes > last.receivedBytes;
    if (flows) this.#heardAt = now.at;
    const flow = flows ? "connected" : this.#flow && now.at - this.#heardAt >= SILENT ? "lost" : this.#flow;
    if (flow === this.#flow) return;
    this.#flow = flow;
    this.#emit("flow", flow);
  }

  /** @param {string} name @param {unknown} detail */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** One report as plain sums over both kinds. @param {RTCStatsReport} report @param {number} at @returns {Reading} */
export function read(report, at) {
  const sum = {
    receivedBytes: 0, sentBytes: 0, received: 0, lost: 0, samples: 0, concealed: 0, jitter: 0, frames: 0, height: 0, at,
    route: routeOf(report),
  };
  for (const one of report.values()) {
    if (one.type === "inbound-rtp") {
      sum.receivedBytes += (one.bytesReceived ?? 0) + (one.headerBytesReceived ?? 0);
      sum.received += one.packetsReceived ?? 0;
      sum.lost += Math.max(0, one.packetsLost ?? 0);
      sum.jitter = Math.max(sum.jitter, one.jitter ?? 0);
      sum.samples += one.totalSamplesReceived ?? 0;
      sum.concealed += one.concealedSamples ?? 0;
      if (one.kind === "video") {
        sum.frames = one.framesDecoded ?? 0;
        sum.height = Math.min(one.frameHeight ?? 0, one.frameWidth ?? 0);
      }
    } else if (one.type === "outbound-rtp") sum.sentBytes += (one.bytesSent ?? 0) + (one.headerBytesSent ?? 0);
  }
  return sum;
}

/** @param {Reading} now @param {Reading} before @returns {Figures} */
export function figures(now, before) {
  const span = now.at - before.at;
  const lost = Math.max(0, now.lost - before.lost);
  const all = Math.max(0, now.received - before.received) + lost;
  const received = Math.max(0, now.receivedBytes - before.receivedBytes);
  const sent = Math.max(0, now.sentBytes - before.sentBytes);
  return {
    receivedKbps: kbps(received, span), sentKbps: kbps(sent, span), lostPercent: share(lost, all),
    concealedPercent: share(now.concealed - before.concealed, now.samples - before.samples), jitterMs: now.jitter * 1000,
    bytesUsed: received + sent, ...now.route,
  };
}

/** The picture in words, by its shorter edge. @param {Reading} now @param {Reading} last @returns {Picture} */
export function picture(now, last) {
  if (now.frames <= last.frames || !now.height) return "voice";
  if (now.height >= 540) return "clear";
  return now.height >= 270 ? "medium" : "small";
}

/** In percent. @param {number} part @param {number} whole */
function share(part, whole) {
  return whole > 0 ? Math.min(100, Math.max(0, (100 * part) / whole)) : 0;
}

/** @param {number} bytes @param {number} span in milliseconds */
function kbps(bytes, span) {
  return span > 0 ? Math.max(0, (bytes * 8) / span) : 0;
}
