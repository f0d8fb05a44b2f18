/**
 * What stands beside the conversation, a line each: a feature gets the scene, wires its own elements and events, and is not
 * known to the page otherwise.
 */

import { wireAside } from "./aside.js";
import { wireDevices } from "./devices.js";
import { wireFaults } from "./faults_wiring.js";
import { wireLadder } from "./ladder_wiring.js";
import { wireOther, wireSaver } from "./other.js";
import { wireStills } from "./stills.js";
import { wireVoice } from "./voice.js";

/**
 * @typedef {{
 *   call: string, side: "worker" | "doctor", root: HTMLElement, view: import("./view.js").View, media: import("./media.js").LocalMedia,
 *   link: import("./link.js").Link, say: import("./commands.js").Commands, signal: AbortSignal,
 * }} Scene `signal`: aborted when the call's page closes
 */

const FEATURES = [
  wireDevices,
  wireOther, wireSaver, wireAside,
  wireFaults,
  wireVoice,
  wireStills,
  wireLadder,
];

/** @param {Scene} scene */
export function wireFeatures(scene) {
  for (const wire of FEATURES) wire(scene);
}
