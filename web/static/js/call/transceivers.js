/** The two transceivers of a connection, sound and picture, and the tracks that come and go on them. */

import { prefer } from "./codecs.js";

/** The side that offers first makes them. @param {RTCPeerConnection} connection @param {MediaStream} stream */
export function prepare(connection, stream) {
  for (const kind of /** @type {const} */ (["audio", "video"])) {
    prefer(connection.addTransceiver(trackOf(stream, kind) ?? kind, { direction: "sendrecv", streams: [stream] }));
  }
}

/** The side that answers first finds them, and sends as well. @param {RTCPeerConnection} connection @param {MediaStream} stream */
export async function accept(connection, stream) {
  for (const transceiver of connection.getTransceivers()) {
    if (transceiver.direction === "sendrecv" || transceiver.currentDirection === "stopped") continue;
    transceiver.direction = "sendrecv";
    prefer(transceiver);
    transceiver.sender.setStreams?.(stream);
    await transceiver.sender.replaceTrack(trackOf(stream, transceiver.receiver.track.kind));
  }
}

/** What this stream holds is sent from now on, with nothing negotiated anew. @param {RTCPeerConnection} connection @param {MediaStream} stream */
export async function attach(connection, stream) {
  // Both at once: on a busy device each may take a while.
  await Promise.all(connection.getTransceivers().map(({ sender, receiver }) => sender.replaceTrack(trackOf(stream, receiver.track.kind))));
}

/** @param {RTCPeerConnection} connection @param {"audio" | "video"} kind */
export function senderOf(connection, kind) {
  return connection.getTransceivers().find((one) => one.receiver.track.kind === kind)?.sender;
}

/** @param {MediaStream} stream @param {string} kind */
function trackOf(stream, kind) {
  return stream.getTracks().find((one) => one.kind === kind) ?? null;
}
