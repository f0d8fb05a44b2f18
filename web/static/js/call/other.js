/** What the other side says of itself, shown in the words of the template; and what this side says of its own switches. */

import { fill } from "../dom.js";
import { saver, wireSwitches } from "../saver.js";
import { timeOfDay } from "../time.js";
import { worthSaying } from "./rungs.js";

/** @import {Peer} from "../protocol.js" */

const SINCE = "curtain-since"; // in sessionStorage, "<call> <instant>": a reload here does not make the curtain younger

/** @param {import("./features.js").Scene} scene */
export function wireOther({ call, root, link, view, say, signal }) {
  const supply = new Supply();
  const sending = () => view.show("sending", worthSaying(say.state.rung ?? "", view.picture));
  link.addEventListener("other", (event) => {
    const other = /** @type {CustomEvent<Peer>} */ (event).detail;
    view.theirs(other);
    view.show("their-saver", String(other.saver));
    view.show("their-power", other.power);
    view.show("cut", supply.mayFail(other.power) ? "power" : "line");
    root.toggleAttribute("data-their-curtain", other.curtain);
    fill(root, { theirBattery: other.battery, curtainAt: since(call, other.curtain) });
    sending();
  }, { signal });
  for (const [source, name] of /** @type {const} */ ([[say, "told"], [link, "look"]])) source.addEventListener(name, sending, { signal });
}

/** @param {import("./features.js").Scene} scene */
export function wireSaver({ root, say, signal }) {
  const tell = () => say.tell({ saver: saver.get() });
  wireSwitches(root, signal);
  saver.addEventListener("change", tell, { signal });
  tell();
}

/** Whether a device that vanishes now has probably lost its power: nearly empty, or on its battery since the mains went. */
export class Supply {
  #hadMains = false;

  /** @param {Peer["power"]} power */
  mayFail(power) {
    if (power === "mains") this.#hadMains = true;
    return power === "low" || (power === "battery" && this.#hadMains);
  }
}

/** When the curtain was drawn, as a time of day; "" when it is not. @param {string} call @param {boolean} drawn */
function since(call, drawn) {
  if (!drawn) sessionStorage.removeItem(SINCE);
  else if (!sessionStorage.getItem(SINCE)?.startsWith(call)) sessionStorage.setItem(SINCE, `${call} ${Date.now()}`);
  return drawn ? timeOfDay(new Date(Number(sessionStorage.getItem(SINCE)?.split(" ")[1]))) : "";
}
