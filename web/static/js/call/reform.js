/**
 * The other side's description set anew, in another form: as the answer to an offer that nobody else sees. Only a remote description
 * says how we send (packets of voice, least rate of the picture); this way it costs no message and no round, and needs no signaling.
 */

import { fragmentOf } from "./sdp.js";

/**
 * @param {RTCPeerConnection} connection
 * @param {string} answer the other side's last description, as an answer
 * @param {() => boolean} isFree whether no negotiation is under way: such a one brings the new form by itself
 */
export async function setAnew(connection, answer, isFree) {
  if (!isFree()) return;
  const offer = await connection.createOffer();
  // Another fragment: ICE is about to be restarted, by an offer that the other side has to see.
  if (!isFree() || fragmentOf(offer.sdp ?? "") !== fragmentOf(connection.localDescription?.sdp ?? "")) return;
  try {
    await connection.setLocalDescription(offer);
    await connection.setRemoteDescription({ type: "answer", sdp: answer });
  } catch (fault) {
    if (connection.signalingState === "have-local-offer") await connection.setLocalDescription({ type: "rollback" });
    throw fault;
  }
}
