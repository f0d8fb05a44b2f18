/** The one state of the line that a page shows. Pure: what is known goes in, the name of the state comes out. */

/**
 * `taken`: we sit in the call; `here`: so does the other side; `known`: it did at least once; `flows`: its media arrives;
 * `met`: it arrived at least once; `state`: of the call's machine on the server.
 * @param {{taken: boolean, here: boolean, known: boolean, flows: boolean, met: boolean, state: string}} known
 * @returns {import("./view.js").Line}
 */
export function lineOf({ taken, here, known, flows, met, state }) {
  // A connection that stood while it rang brings the picture before the server has said who sits where.
  if (flows && !known) return "connected";
  if (!taken) return "opening";
  if (!here) return known ? "empty" : "alone";
  if (flows) return "connected";
  if (met) return "reconnecting";
  return state === "reconnecting" ? "not-connected" : "connecting";
}
