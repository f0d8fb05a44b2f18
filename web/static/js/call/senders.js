/** Lays a plan of the ladder on what a connection sends: rates, size, frames, and whether it is sent at all. The tracks stay. */

import { senderOf } from "./transceivers.js";

/** @import {Picture, Plan, Voice} from "./limits.js" */

/**
 * @param {RTCPeerConnection} connection @param {Plan} plan @param {MediaStreamTrack | null} camera the picture that is or will be sent
 * @returns {Promise<boolean>} false: too early, nothing is negotiated yet, or something was negotiated meanwhile
 */
export async function lay(connection, { voice, picture }, camera) {
  const done = [
    await set(senderOf(connection, "audio"), voice !== null, (one) => speak(one, voice)),
    await set(senderOf(connection, "video"), picture !== null, (one) => show(one, picture, camera)),
  ];
  return done.every(Boolean);
}

/**
 * @param {RTCRtpSender | undefined} sender @param {boolean} active
 * @param {(encoding: RTCRtpEncodingParameters) => void} change
 */
async function set(sender, active, change) {
  const parameters = sender?.getParameters();
  const encoding = parameters?.encodings[0];
  if (!sender || !parameters || !encoding) return false;
  encoding.active = active;
  change(encoding);
  // A picture that is too small to read helps nobody: rather fewer frames.
  /** @type {any} */ (parameters).degradationPreference = "maintain-resolution";
  return sender.setParameters(parameters).then(() => true, isStale);
}

/** What was read of the sender is not what it is any more: to be read anew. @param {unknown} fault */
function isStale(fault) {
  if (fault instanceof DOMException && ["InvalidModificationError", "InvalidStateError"].includes(fault.name)) return false;
  throw fault;
}

/** @param {RTCRtpEncodingParameters} encoding @param {Voice | null} voice */
function speak(encoding, voice) {
  encoding.priority = "high";
  /** @type {any} */ (encoding).networkPriority = "high";
  if (voice) encoding.maxBitrate = voice.kbps * 1_000;
}

/** @param {RTCRtpEncodingParameters} encoding @param {Picture | null} picture @param {MediaStreamTrack | null} track */
function show(encoding, picture, track) {
  encoding.priority = "low";
  if (!picture) return;
  const { width = 0, height = 0 } = track?.getSettings() ?? {};
  encoding.maxBitrate = picture.kbps * 1_000;
  encoding.maxFramerate = picture.fps;
  encoding.scaleResolutionDownBy = Math.max(1, Math.min(width, height) / picture.edge);
}
