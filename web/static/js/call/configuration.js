/** The RTCConfiguration (W3C WebRTC 4.2.1) of a media plan that the server gave out. */

const EXPIRES_SOON = 300;     // seconds: TURN credentials with less to live are renewed before a restart

/** @param {import("../protocol.js").PeerToPeer} media @returns {RTCConfiguration} */
export function configurationOf({ iceServers, policy }) {
  return { iceServers: iceServers.map(given), iceTransportPolicy: policy, bundlePolicy: "max-bundle" };
}

/** @param {{urls: string[], username: string, credential: string}} server @returns {RTCIceServer} */
function given({ urls, username, credential }) {
  return username ? { urls, username, credential } : { urls };
}

/** @param {RTCConfiguration} configuration */
export function expiresSoon({ iceServers }) {
  const expiries = (iceServers ?? []).map(({ username }) => Number.parseInt(username ?? "", 10)).filter(Number.isFinite);
  return expiries.some((expiry) => expiry - Date.now() / 1000 < EXPIRES_SOON);
}
