/** The data channels of one connection, agreed in code (`negotiated`, W3C WebRTC 6.1): no message opens them. */

/** @satisfies {Record<string, RTCDataChannelInit>} */
const CHANNELS = {
  figures: { negotiated: true, id: 0, ordered: false, maxRetransmits: 0 },   // only the newest matter
  pieces: { negotiated: true, id: 1, ordered: false },                       // each says where it belongs
};

/** @typedef {Record<keyof typeof CHANNELS, RTCDataChannel>} Channels */

/** @param {RTCPeerConnection} connection @returns {Channels} */
export function openChannels(connection) {
  const made = Object.entries(CHANNELS).map(([name, init]) => [name, connection.createDataChannel(name, init)]);
  return /** @type {Channels} */ (Object.fromEntries(made));
}
