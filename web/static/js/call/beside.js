/** What a call can begin without, in one script that comes late: chat, voice notes, the choice of devices, the meter, the log. */

import { wireChat } from "./chat.js";
import { wireDevices } from "./devices.js";
import { wireFigures } from "./figures.js";
import { wireMeter } from "./meter.js";
import { wireVoice } from "./voice.js";

/** @param {import("./features.js").Scene} scene */
export function wireBeside(scene) {
  void wireChat(scene);
  wireDevices(scene);
  wireVoice(scene);
  wireMeter(scene);
  wireFigures(scene);
}
