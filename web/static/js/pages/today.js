/** Today at a station: results as typed; the list is read again when something changed and nobody is typing. */

import { byId } from "../dom.js";
import * as search from "../search.js";
import { channel } from "../wire.js";

search.start();
const box = byId("find", HTMLInputElement);
for (const type of /** @type {const} */ (["request-changed", "note-changed"])) channel.on(type, refresh);

// A page that is being left stays left: reading it anew would undo the click.
let leaving = false;
addEventListener("beforeunload", () => { leaving = true; });
addEventListener("pageshow", () => { leaving = false; });

function refresh() {
  if (leaving) return;
  if (box.value.trim() === "" && !document.querySelector("dialog[open], .call:not([hidden])")) location.reload();
}
