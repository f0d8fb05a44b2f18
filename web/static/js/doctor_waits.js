/** A doctor took the call while the worker was on another page: said in the strip with a chime, one click leads there. */

import { chime } from "./call/room.js";
import { maybe } from "./dom.js";
import * as strips from "./strips.js";
import { channel } from "./wire.js";

const WAITS = "accepted"; // the request's status from the doctor's click until both are in the call

/** @type {string} the request whose doctor waits */
let waiting = "";

/** @param {string} request @param {string} status */
function heard(request, status) {
  if (status !== WAITS) {
    if (request === waiting) say("");
    return;
  }
  if (request === waiting || isHere(request)) return;
  say(request);
  chime();
}

/** The page of the request goes into the call by itself. @param {string} request */
function isHere(request) {
  return maybe("main", HTMLElement)?.dataset.request === request || document.querySelector("[data-call-root]") !== null;
}

/** @param {string} request */
function say(request) {
  waiting = request;
  const join = maybe("strips", HTMLElement)?.querySelector("[data-join]");
  if (join instanceof HTMLAnchorElement) join.href = `/requests/${request}`;
  strips.show("doctor-waits", request !== "");
}

channel.on("request-changed", ({ request, status }) => heard(request, status));
channel.on("snapshot", ({ requests }) => {
  if (waiting && !requests.some(({ request, status }) => request === waiting && status === WAITS)) say("");
  for (const { request, status } of requests) heard(request, status);
});
