/** "Bắt đầu trực" and "Nghỉ trực": the click that also asks for sound and notifications, and the state on every open page. */

import { post } from "./http.js";
import * as sound from "./sound.js";
import * as strips from "./strips.js";
import { channel } from "./wire.js";

/** @param {SubmitEvent} event @param {HTMLFormElement} form */
async function change(event, form) {
  event.preventDefault();
  const on = new FormData(form).get("on") === "true";
  if (on) prepare(); // at once, while the browser still counts it as part of the click
  const button = form.querySelector("button");
  if (button) button.disabled = true;
  try {
    await post("/duty", { on });
    apply(on);
  } catch {
    form.submit(); // the server's own page says what is wrong
  } finally {
    if (button) button.disabled = false;
  }
}

function prepare() {
  void sound.unlock().then((allowed) => strips.show("ring-silent", !allowed));
  if (!("Notification" in window)) return;
  void Notification.requestPermission().then((answer) => strips.show("ring-notifications", answer === "denied"));
}

/** @param {boolean} on */
function apply(on) {
  for (const element of document.querySelectorAll("[data-duty]")) {
    if (element instanceof HTMLElement && !element.hasAttribute("data-nobody")) element.hidden = element.dataset.duty !== (on ? "on" : "off");
  }
  document.dispatchEvent(new CustomEvent("duty", { detail: on }));
}

for (const form of document.querySelectorAll("form[data-duty-form]")) {
  if (form instanceof HTMLFormElement) form.addEventListener("submit", (event) => void change(event, form));
}
channel.on("duty-changed", ({ duty }) => apply(duty));
channel.on("snapshot", ({ duty }) => apply(duty));
