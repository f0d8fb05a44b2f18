/** "Khẩn cấp": the first click opens the reasons, the second rings everyone. Takes the case of the page along. */

import { find, maybe } from "./dom.js";

const dialog = maybe("emergency", HTMLDialogElement);

/** @param {Event} event */
function ask(event) {
  if (!dialog) return; // the server's own page asks for the reason
  event.preventDefault();
  const { encounter = "", patient = "" } = maybe("main", HTMLElement)?.dataset ?? {};
  find(dialog, "[name=encounter]", HTMLInputElement).value = encounter;
  find(dialog, "[name=patient]", HTMLInputElement).value = patient;
  dialog.showModal();
}

if (dialog) {
  // Delegated: a call brings its own button long after this ran.
  document.addEventListener("submit", (event) => {
    if (event.target instanceof HTMLFormElement && event.target.matches("form[data-emergency]")) ask(event);
  });
  find(dialog, "[data-close]", HTMLButtonElement).addEventListener("click", () => dialog.close());
}
