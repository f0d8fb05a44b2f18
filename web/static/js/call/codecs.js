/**
 * What our transceivers offer: the codecs and header extensions that the ladder uses, and no others. An offer is half as long by it.
 * Plain Opus and VP8 always stay: a peer written in Python knows nothing else.
 */

const SOUND = ["audio/red", "audio/opus"];                                    // RED first: gaps are filled by what follows them
const PICTURE = ["video/VP8", "video/rtx", "video/red", "video/ulpfec"];
// Which stream a packet belongs to, and for the picture how the line takes it. Without the latter on the sound, no estimate touches the voice.
const MID = "urn:ietf:params:rtp-hdrext:sdes:mid";
const EXTENSIONS = { audio: [MID], video: [MID, "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"] };

/** @param {RTCRtpTransceiver} transceiver whose next description is not yet made */
export function prefer(transceiver) {
  const kind = /** @type {"audio" | "video"} */ (transceiver.receiver.track.kind);
  const known = globalThis.RTCRtpReceiver?.getCapabilities?.(kind)?.codecs ?? [];
  const wanted = (kind === "audio" ? SOUND : PICTURE).flatMap((name) => known.filter(({ mimeType }) => mimeType === name));
  if (wanted.length) transceiver.setCodecPreferences?.(wanted);
  thin(/** @type {any} */ (transceiver), EXTENSIONS[kind]);
}

/** @param {any} transceiver of a browser that may know W3C webrtc-extensions 5.2 @param {string[]} wanted */
function thin(transceiver, wanted) {
  const known = transceiver.getHeaderExtensionsToNegotiate?.();
  if (!known || !transceiver.setHeaderExtensionsToNegotiate) return;
  transceiver.setHeaderExtensionsToNegotiate(known.map((/** @type {any} */ one) => ({ ...one, direction: wanted.includes(one.uri) ? "sendrecv" : "stopped" })));
}
