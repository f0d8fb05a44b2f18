/** What only the station has beside the conversation. Loaded on its own: the doctor's page does without. */

import { wireCurtain } from "./covering.js";
import { wirePower } from "./power.js";
import { wireSpoken } from "./spoken.js";

/** @param {import("./features.js").Scene} scene @param {import("./curtain.js").Kept} kept */
export function wireStation(scene, kept) {
  wireCurtain(scene, kept);
  wireSpoken(scene);
  void wirePower(scene);
}
