/** Connects what a call's page notices with what it tells of its own trouble. */

import { channel } from "../wire.js";
import { Faults } from "./faults.js";

/** @param {import("./features.js").Scene} scene */
export function wireFaults({ call, media, link, signal }) {
  const faults = new Faults({
    media, connection: () => link.connection, tell: (fault) => channel.send({ type: "fault", call, ...fault }),
  });
  media.addEventListener("change", () => faults.devices(), { signal });
  link.addEventListener("people", () => {
    faults.devices();
    faults.other(link.other !== null);
  }, { signal });
  link.addEventListener("flow", (event) => {
    if (/** @type {CustomEvent} */ (event).detail === "connected") faults.found();
  }, { signal });
  signal.addEventListener("abort", channel.on("gap", ({ ms }) => faults.heard(ms)));
  signal.addEventListener("abort", () => faults.close());
}
