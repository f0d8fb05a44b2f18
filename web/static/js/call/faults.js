/**
 * What this side knows of its own trouble goes into the session log: its line was silent, no way to the other side was
 * found, camera or microphone is blocked. Nothing is shown and nothing moves by it. Knows no DOM.
 */

/** @import {LocalMedia} from "./media.js" */

const SILENT = 4_000;     // milliseconds without a word of the server, which asks every 2 s in a call: the line was out
const PATIENCE = 10_000;  // milliseconds for two sides that are both there to find a way to each other

/** @typedef {{kind: "line-out" | "path-failed" | "microphone-fault" | "camera-fault", detail?: string, seconds?: number}} Told */

export class Faults {
  #options;
  /** @type {Map<string, string>} kind -> what was told of it last */ #told = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

  /** @param {{tell: (fault: Told) => Promise<unknown>, media: Pick<LocalMedia, "faults">, connection: () => RTCPeerConnection | null}} options */
  constructor(options) {
    this.#options = options;
  }

  /** The server is heard again after `ms` of silence. @param {number} ms */
  heard(ms) {
    if (ms >= SILENT) this.#options.tell({ kind: "line-out", seconds: Math.round(ms / 1000) }).catch(() => {});
  }

  /** @param {boolean} here whether the other side is there */
  other(here) {
    clearTimeout(this.#timer);
    if (here) this.#timer = setTimeout(() => void this.#search(), PATIENCE);
  }

  /** Media arrives: a way was found. */
  found() {
    clearTimeout(this.#timer);
  }

  /** Tells of devices that fail, each once; again if that was refused, since the seat may not be taken yet. */
  devices() {
    const { audio, video } = this.#options.media.faults;
    this.#device("microphone-fault", audio);
    this.#device("camera-fault", video);
  }

  close() {
    clearTimeout(this.#timer);
  }

  /** @param {"microphone-fault" | "camera-fault"} kind @param {string} detail */
  #device(kind, detail) {
    if (detail === (this.#told.get(kind) ?? "")) return;
    this.#told.set(kind, detail);
    if (detail) this.#options.tell({ kind, detail }).catch(() => this.#told.delete(kind));
  }

  async #search() {
    const connection = this.#options.connection();
    if (!connection || ["connected", "completed"].includes(connection.iceConnectionState)) return;
    const detail = obstacleOf(await connection.getStats());
    this.#options.tell({ kind: "path-failed", detail }).catch(() => {});
  }
}

/**
 * What stood in the way of a connection that never came: no candidate here, none from the other side, none through a
 * relay on either side, or nothing of these ("with-relay").
 * @param {RTCStatsReport} report
 */
export function obstacleOf(report) {
  const all = [...report.values()];
  const local = all.filter((one) => one.type === "local-candidate"), remote = all.filter((one) => one.type === "remote-candidate");
  if (!local.length) return "no-local";
  if (!remote.length) return "no-remote";
  return [...local, ...remote].some((one) => one.candidateType === "relay") ? "with-relay" : "no-relay";
}
