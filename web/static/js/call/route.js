/** Which way a connection takes, or why it found none, from getStats. Knows no DOM and no channel. */

/**
 * @typedef {"" | "host" | "srflx" | "relay-udp" | "relay-tcp" | "relay-tls"} Path
 * @typedef {"" | "wifi" | "cellular" | "ethernet" | "other"} Network
 * @typedef {{path: Path, network: Network, availableKbps: number, roundTripMs: number}} Route
 */

/** @type {Record<string, Network>} RTCNetworkType, where the browser tells it */
const NETWORKS = { wifi: "wifi", cellular: "cellular", ethernet: "ethernet", bluetooth: "other", wimax: "other", vpn: "other" };

/** This side's end of the pair in use. @param {RTCStatsReport} report @returns {Route} */
export function routeOf(report) {
  const pair = [...report.values()].find((one) => one.type === "candidate-pair" && one.nominated && one.state === "succeeded");
  const local = pair && report.get(pair.localCandidateId);
  return {
    path: pathOf(local), network: NETWORKS[local?.networkType ?? ""] ?? "",
    availableKbps: (pair?.availableOutgoingBitrate ?? 0) / 1000, roundTripMs: (pair?.currentRoundTripTime ?? 0) * 1000,
  };
}

/**
 * What stood in the way of a connection that never came: no candidate here, none from the other side, none through a
 * relay on either side, or nothing of these ("with-relay").
 * @param {RTCStatsReport} report
 */
export function obstacleOf(report) {
  const all = [...report.values()];
  const local = all.filter((one) => one.type === "local-candidate"), remote = all.filter((one) => one.type === "remote-candidate");
  if (!local.length) return "no-local";
  if (!remote.length) return "no-remote";
  return [...local, ...remote].some((one) => one.candidateType === "relay") ? "with-relay" : "no-relay";
}

/** @param {any} local @returns {Path} */
function pathOf(local) {
  switch (local?.candidateType) {
    case "host": return "host";
    case "srflx": case "prflx": return "srflx";
    case "relay": return local.relayProtocol === "tls" ? "relay-tls" : local.relayProtocol === "tcp" ? "relay-tcp" : "relay-udp";
    default: return "";
  }
}
