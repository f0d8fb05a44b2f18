/** The healing of one connection, with the socket it needs: in trouble a fresh socket at once, and the line is felt for until it is back. */

import { Feeler } from "../feeler.js";
import { Healing } from "./healing.js";

/** @import {Channel} from "../channel.js" */
/** @import {Negotiation} from "./negotiation.js" */

const PATIENCE = 3_000;       // milliseconds from a restart to a new connection, for the impolite side
const GRACE = 300;            // milliseconds in which media may come back by itself once the line does
const LONGER = 2;             // the polite side waits so many times longer, so that both do not do the same at once
const FRESH = 2_500;          // milliseconds: a socket heard so lately needs no other; the server asks after 2 s
const TAKES = 4_000;          // milliseconds that a fresh socket may take on a very long line

/**
 * @typedef {{channel: Channel, isHere: () => boolean, arrives: () => boolean, restart: () => Promise<void>, rebuild: () => void}} Means
 *   `isHere`: the seat is ours, and the other side's socket is not known to be gone
 */

/** @param {Negotiation} negotiation @param {Means} means */
export function care({ connection, isPolite }, { channel, isHere, arrives, restart, rebuild }) {
  const times = isPolite ? LONGER : 1;
  let renewedAt = -TAKES;
  const feeler = new Feeler("/healthz", () => {
    const now = performance.now();
    if (now - channel.heardAt < FRESH || now - renewedAt < TAKES) return;
    renewedAt = now;
    channel.anew();
  });
  return new Healing({
    connection, patience: PATIENCE * times, grace: GRACE * times, arrives, restart, rebuild,
    isReachable: (since) => channel.state.state === "open" && channel.heardAt > since && isHere(),
    seek: (lost) => {
      feeler.set(lost);
      if (lost && performance.now() - channel.heardAt > FRESH) channel.nudge();
    },
  });
}
