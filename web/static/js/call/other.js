/** What the other side says of itself, shown in the words of the template. */

/** @import {Peer} from "../protocol.js" */

/** @param {import("./features.js").Scene} scene */
export function wireOther({ link, view, signal }) {
  link.addEventListener("other", (event) => {
    const { microphone, camera } = /** @type {CustomEvent<Peer>} */ (event).detail;
    view.theirs(microphone, camera);
  }, { signal });
}
