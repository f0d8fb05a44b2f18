/**
 * Figures of the connection for the session log, every ten seconds, from getStats. Comes late to a call and loses nothing by it: a
 * connection counts from its own beginning.
 */

import { routeOf } from "./route.js";
import { kbps } from "./stats.js";

/** @import {Route} from "./route.js" */

const MEASURE = 10_000;   // milliseconds

/**
 * `samples`, `concealed`: of the voice received, and of it what had to be made up; `jitter` in seconds, the worst of both kinds.
 * @typedef {{receivedBytes: number, sentBytes: number, received: number, lost: number, samples: number, concealed: number,
 *   jitter: number, at: number, route: Route}} Reading
 * @typedef {{receivedKbps: number, sentKbps: number, lostPercent: number, concealedPercent: number, jitterMs: number,
 *   bytesUsed: number} & Route} Figures
 */

/** @param {import("./features.js").Scene} scene */
export function wireFigures({ link, say, openedAt, signal }) {
  let of = link.connection, before = read(new Map(), openedAt);
  link.addEventListener("report", (event) => {
    const now = read(/** @type {CustomEvent<RTCStatsReport>} */ (event).detail, performance.now());
    if (link.connection !== of) before = read(new Map(), now.at);
    of = link.connection;
    if (now.at - before.at < MEASURE) return;
    say.measured(figures(now, before), link.rung);
    before = now;
  }, { signal });
}

/** One report as plain sums over both kinds. @param {RTCStatsReport} report @param {number} at @returns {Reading} */
export function read(report, at) {
  const sum = {
    receivedBytes: 0, sentBytes: 0, received: 0, lost: 0, samples: 0, concealed: 0, jitter: 0, at, route: routeOf(report),
  };
  for (const one of report.values()) {
    if (one.type === "inbound-rtp") {
      sum.receivedBytes += (one.bytesReceived ?? 0) + (one.headerBytesReceived ?? 0);
      sum.received += one.packetsReceived ?? 0;
      sum.lost += Math.max(0, one.packetsLost ?? 0);
      sum.jitter = Math.max(sum.jitter, one.jitter ?? 0);
      sum.samples += one.totalSamplesReceived ?? 0;
      sum.concealed += one.concealedSamples ?? 0;
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

/** In percent. @param {number} part @param {number} whole */
function share(part, whole) {
  return whole > 0 ? Math.min(100, Math.max(0, (100 * part) / whole)) : 0;
}
