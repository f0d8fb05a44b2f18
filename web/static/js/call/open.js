/** The door to a call: opened in the page that rang, or at the call's own address after a reload. One call at a time. */

import { CallPage } from "./page.js";

export { Legs } from "./leg.js";
export { prepareStills } from "./stills.js";

/** @type {CallPage | null} */
let open = null;

/**
 * Opens the call here; the same call again gives the page that is open.
 * @param {{
 *   call: string, side: "worker" | "doctor", stream?: MediaStream, media?: import("./media.js").LocalMedia,
 *   leg?: import("./leg.js").Leg | null,
 * }} options `stream`: the preview, taken over; `media`: devices that open already; `leg`: a connection that stands
 */
export async function openCall(options) {
  if (open?.call === options.call) return open;
  open?.close();
  // Before the page is built: the other side should not wait for our furniture.
  const stream = options.stream ?? options.media?.stream;
  if (stream) void options.leg?.negotiation.attach(stream);
  open = new CallPage(options);
  await open.start(options);
  return open;
}
