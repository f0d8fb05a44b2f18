/** Which way a connection takes, from getStats. Knows no DOM and no channel. */

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

/** @param {any} local @returns {Path} */
function pathOf(local) {
  switch (local?.candidateType) {
    case "host": return "host";
    case "srflx": case "prflx": return "srflx";
    case "relay": return local.relayProtocol === "tls" ? "relay-tls" : local.relayProtocol === "tcp" ? "relay-tcp" : "relay-udp";
    default: return "";
  }
}
