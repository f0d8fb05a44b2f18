/** Connects the ladder with what both sides want: each is told the other's rung, and either may ask for less. */

import { known } from "../line_start.js";
import { saver } from "../saver.js";
import { channel } from "../wire.js";
import { RUNGS, SAVER } from "./limits.js";

/** @import {Peer} from "../protocol.js" */

/** @param {import("./features.js").Scene} scene */
export function wireLadder({ link, say, signal }) {
  let theirs = false;
  const checked = known();
  // Whatever the check said: voice is tried, and given up for what the other side hears of it.
  if (checked) link.steering.begin({ start: RUNGS.indexOf(checked.rung) > RUNGS.indexOf("voice") ? "voice" : checked.rung, line: checked.kbpsUp ?? undefined });
  const limit = () => link.steering.limit(saver.get() || theirs ? SAVER : "clear");
  const tell = () => {
    channel.patience.isThin = RUNGS.indexOf(link.rung) > RUNGS.indexOf("voice");
    say.tell({ rung: link.rung });
  };
  signal.addEventListener("abort", () => { channel.patience.isThin = false; });
  link.addEventListener("other", (event) => {
    theirs = /** @type {CustomEvent<Peer>} */ (event).detail.saver;
    limit();
  }, { signal });
  link.addEventListener("rung", tell, { signal });
  saver.addEventListener("change", limit, { signal });
  limit();
  tell();
}
