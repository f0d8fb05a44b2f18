/**
 * How much data this call has used at this end, and how much a minute. Counted are the bytes of every connection of the call
 * as its transport sees them (RTP, RTCP, data channels, DTLS), an envelope for each packet, and what came over HTTP; kept by
 * the tab, so that a reload goes on counting. Not counted: what is sent over HTTP and the few kB of the page's socket.
 */

import { fill } from "../dom.js";

const LOOK = 2_000;       // milliseconds
const MINUTE = 60_000;    // milliseconds over which the rate is taken
const SOON = 10_000;      // milliseconds until there is a rate to speak of
const ENVELOPE = 28;      // bytes around each packet: IPv4 and UDP
const MB = 1_000_000;

/** @param {import("./features.js").Scene} scene */
export function wireMeter({ call, root, view, link, openedAt, signal }) {
  const key = `meter:${call}`;
  const meter = new Meter(Number(sessionStorage.getItem(key) ?? 0), performance.now());
  const opened = isAt(call) ? 0 : openedAt;
  const observer = new PerformanceObserver((list) => { for (const one of list.getEntries()) if (one.startTime >= opened) fetched(one); });
  for (const type of ["navigation", "resource"]) observer.observe({ type, buffered: true });
  const timer = setInterval(() => void look(), LOOK);
  signal.addEventListener("abort", () => { clearInterval(timer); observer.disconnect(); });
  void look();

  /** @param {PerformanceEntry} entry */
  function fetched(entry) {
    meter.add(/** @type {PerformanceResourceTiming} */ (entry).transferSize);
  }

  async function look() {
    const { connection } = link;
    if (connection) meter.read(connection, traffic(await connection.getStats()));
    meter.tick(performance.now());
    sessionStorage.setItem(key, String(meter.bytes));
    const rate = meter.perMinute;
    view.show("metered", rate === null ? "used" : "rate");
    fill(root, { used: words(meter.bytes), rate: words(rate ?? 0) });
  }
}

/** In megabytes with one decimal, as the page's language writes it: "12,4". @param {number} bytes @param {string} [language] */
export function words(bytes, language = document.documentElement.lang) {
  return (bytes / MB).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

/** Bytes on the wire of one connection. Where there is no transport (Firefox), its candidate pairs say it. @param {RTCStatsReport} report */
export function traffic(report) {
  const all = [...report.values()];
  const transports = all.filter(({ type }) => type === "transport");
  const rows = transports.length > 0 ? transports : all.filter(({ type }) => type === "candidate-pair");
  return rows.reduce((sum, one) => sum + (one.bytesSent ?? 0) + (one.bytesReceived ?? 0)
    + ENVELOPE * ((one.packetsSent ?? 0) + (one.packetsReceived ?? 0)), 0);
}

export class Meter {
  bytes;
  /** @type {WeakMap<object, number>} */ #seen = new WeakMap();
  /** @type {{at: number, bytes: number}[]} */ #marks;

  /** @param {number} bytes used before @param {number} now milliseconds */
  constructor(bytes, now) {
    this.bytes = bytes;
    this.#marks = [{ at: now, bytes }];
  }

  /** @param {number} bytes */
  add(bytes) {
    this.bytes += bytes;
  }

  /** What a connection has carried so far: each counts from its own zero. @param {object} connection @param {number} bytes */
  read(connection, bytes) {
    const before = this.#seen.get(connection) ?? 0;
    this.#seen.set(connection, Math.max(before, bytes));
    this.add(Math.max(0, bytes - before));
  }

  /** @param {number} now milliseconds */
  tick(now) {
    this.#marks.push({ at: now, bytes: this.bytes });
    while (this.#marks.length > 2 && now - (this.#marks[1]?.at ?? now) >= MINUTE) this.#marks.shift();
  }

  /** Bytes a minute over the last one, or null while it is too early to say. @returns {number | null} */
  get perMinute() {
    const first = this.#marks[0], last = this.#marks.at(-1);
    if (!first || !last || last.at - first.at < SOON) return null;
    return (last.bytes - first.bytes) * MINUTE / (last.at - first.at);
  }
}

/** Whether this page was loaded at the call's own address: then all of it is the call's. @param {string} call */
function isAt(call) {
  return performance.getEntriesByType("navigation").some(({ name }) => name.includes(`/calls/${call}`));
}
