/**
 * What stands beside the conversation, a line each: a feature gets the scene, wires its own elements and events, and is not
 * known to the page otherwise.
 */

import { wireAside, wireNote, wireStation } from "./aside.js";
import { wireFaults } from "./faults_wiring.js";
import { wireLadder } from "./ladder_wiring.js";
import { wireOther, wireSaver } from "./other.js";
import { wireStills } from "./stills.js";

/**
 * @typedef {{
 *   call: string, side: "worker" | "doctor", root: HTMLElement, view: import("./view.js").View, media: import("./media.js").LocalMedia,
 *   link: import("./link.js").Link, say: import("./commands.js").Commands, known: Promise<Known>, settled: Promise<void>, openedAt: number,
 *   load: <T>(ask: () => Promise<T>) => Promise<T>, signal: AbortSignal, courier: () => import("./courier.js").Courier | null,
 * }} Scene `known`: once the server has said who we are; `settled`: once what is not needed at first may take a part of the line;
 *   `openedAt`: performance.now() when the call's page opened; `load`: asks for a script until it is
 *   there; `signal`: aborted when the call's page closes; `courier`:
 *   the way to the other page, once what uses it is there
 * @typedef {{me: string, encounter: string}} Known `me`: our participant
 */

const FEATURES = [
  wireOther, wireSaver, wireStation, wireAside, wireNote,
  wireFaults,
  wireStills,
  wireLadder,
];

/** @param {Scene} scene */
export function wireFeatures(scene) {
  for (const wire of FEATURES) void wire(scene);
}
