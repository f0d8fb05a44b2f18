/** The end of a practice call: at once, and back to today. */

import { post } from "../http.js";

/** @param {string} address of the call */
export async function endPractice(address) {
  // Where the server cannot be told now, leaving the page ends it too, a minute later.
  await post(`${address}/practice-end`).catch(() => {});
  location.assign("/");
}
