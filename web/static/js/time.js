/** Spans of time as the server writes them. */

/** Minutes and seconds, "01:42"; never below zero. @param {number} ms */
export function figure(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}
