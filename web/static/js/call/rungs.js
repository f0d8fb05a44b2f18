/** Which of the seven rungs a page names: what the other side says it sends, unless its camera shows nothing. Pure. */

/** @typedef {Exclude<import("../protocol.js").Peer["rung"], "">} Rung */

/** @type {Rung[]} from nothing but words up */
const LADDER = ["text", "voice-notes", "voice", "stills", "small", "medium", "clear"];

/** @param {{rung: Rung | "", camera: boolean, curtain: boolean}} said @param {Rung} seen by the size of the picture, for a side that says no rung @returns {Rung} */
export function rungShown({ rung, camera, curtain }, seen) {
  const told = rung || seen;
  return (camera && !curtain) || height(told) < height("voice") ? told : "voice";
}

/** From 1 to 7. @param {Rung} rung */
export function height(rung) {
  return LADDER.indexOf(rung) + 1;
}

/** What this side sends, where that is worth saying: the other side is seen, and sees nothing moving itself. @param {Rung | ""} sent @param {Rung} shown @returns {Rung | ""} */
export function worthSaying(sent, shown) {
  return sent && height(sent) < height("small") && height(shown) >= height("small") ? sent : "";
}
