/** When a call should speak in clips. Pure: what is known goes in, a word comes out. */

// Milliseconds without media, while the server is there: longer than most cuts, and than a first connection takes.
const TOO_LONG = { reconnecting: 5_000, "not-connected": 5_000, connecting: 12_000 };

/** Whether the page shows that both are there and no media flows. @param {string} line */
export function isWithoutMedia(line) {
  return line in TOO_LONG;
}

/**
 * `line`: what the page shows; `lineMs`: since media flows, or does not; `rung`: what this side sends; `isReachable`: whether the server hears us.
 * @typedef {{line: string, lineMs: number, rung: string, isReachable: boolean}} Known
 */

/**
 * Why somebody should speak in clips now, or "".
 * @param {Known} known
 * @returns {"rung" | "text" | "cut" | ""}
 */
export function needOf({ line, lineMs, rung, isReachable }) {
  if (line in TOO_LONG) return isReachable && lineMs >= TOO_LONG[/** @type {keyof typeof TOO_LONG} */ (line)] ? "cut" : "";
  if (line !== "connected") return "";
  return rung === "voice-notes" ? "rung" : rung === "text" ? "text" : "";
}

/**
 * Whether the other side can be heard live: then no clip begins by itself.
 * @param {{line: string, theirs: string}} known `theirs`: the rung of the other side
 */
export function isVoiceLive({ line, theirs }) {
  return line === "connected" && theirs !== "voice-notes" && theirs !== "text";
}
