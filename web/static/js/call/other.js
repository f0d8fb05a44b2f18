/** What the other side says of itself, shown in the words of the template; and what this side says of its saver switch. */

import { saver, wireSwitches } from "../saver.js";

/** @import {Peer} from "../protocol.js" */

/** @param {import("./features.js").Scene} scene */
export function wireOther({ link, view, signal }) {
  link.addEventListener("other", (event) => {
    const { microphone, camera, saver } = /** @type {CustomEvent<Peer>} */ (event).detail;
    view.theirs(microphone, camera);
    view.show("their-saver", String(saver));
  }, { signal });
}

/** @param {import("./features.js").Scene} scene */
export function wireSaver({ root, say, signal }) {
  const tell = () => say.tell({ saver: saver.get() });
  wireSwitches(root, signal);
  saver.addEventListener("change", tell, { signal });
  tell();
}
