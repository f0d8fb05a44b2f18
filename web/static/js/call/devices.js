/** The dialog in which a camera or microphone is chosen; one tap changes to the other camera where there are just two. */

import { find } from "../dom.js";

/** @import {LocalMedia, Kind} from "./media.js" */

/** @param {import("./features.js").Scene} scene */
export function wireDevices({ root, media, signal }) {
  const dialog = find(root, "dialog[data-devices]", HTMLDialogElement);
  find(root, "[data-devices-open]", HTMLButtonElement).addEventListener("click", () => void open(dialog, media), { signal });
  for (const select of dialog.querySelectorAll("select")) {
    select.addEventListener("change", () => void media.choose(kindOf(select), select.value), { signal });
  }
  navigator.mediaDevices?.addEventListener("devicechange", () => dialog.open && void list(dialog, media), { signal });
}

/** @param {HTMLDialogElement} dialog @param {LocalMedia} media */
async function open(dialog, media) {
  await list(dialog, media);
  dialog.showModal();
}

/** @param {HTMLDialogElement} dialog @param {LocalMedia} media */
async function list(dialog, media) {
  for (const select of dialog.querySelectorAll("select")) {
    const kind = kindOf(select);
    const devices = await media.devices(kind);
    const current = media.track(kind)?.getSettings().deviceId;
    select.replaceChildren(...devices.map((device, number) => option(device, number, device.deviceId === current)));
    select.disabled = devices.length === 0;
  }
}

/** @param {MediaDeviceInfo} device @param {number} number @param {boolean} selected */
function option(device, number, selected) {
  const made = document.createElement("option");
  made.value = device.deviceId;
  made.textContent = device.label || String(number + 1);
  made.selected = selected;
  return made;
}

/** @param {HTMLSelectElement} select @returns {Kind} */
function kindOf(select) {
  return select.dataset.device === "video" ? "video" : "audio";
}
