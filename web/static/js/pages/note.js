/** /encounters/{id}/note: the same panel as beside the call; after signing the page shows what was signed. */

import { byId, find } from "../dom.js";
import { openNote } from "../note.js";

const main = byId("main", HTMLElement);
const root = find(main, "[data-note-root]", HTMLElement);
root.addEventListener("note-signed", () => location.reload());
// Not awaited: the channel of the page does not wait for a draft.
void openNote({ encounter: main.dataset.encounter ?? "", root });
