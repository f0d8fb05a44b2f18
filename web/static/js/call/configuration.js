/** The RTCConfiguration (W3C WebRTC 4.2.1) of a media plan that the server gave out. */

/** @param {import("../protocol.js").PeerToPeer} media @returns {RTCConfiguration} */
export function configurationOf({ iceServers, policy }) {
  return { iceServers: iceServers.map(given), iceTransportPolicy: policy, bundlePolicy: "max-bundle" };
}

/** @param {{urls: string[], username: string, credential: string}} server @returns {RTCIceServer} */
function given({ urls, username, credential }) {
  return username ? { urls, username, credential } : { urls };
}
