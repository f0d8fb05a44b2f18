/**
 * Which ways media can take from here: directly by UDP, or over our TURN server by UDP, TCP or TLS. A relay's candidate is the
 * proof that the relay was reached in that way and took our credential, so gathering is enough. Knows no DOM.
 */

/** @typedef {"direct" | "udp" | "tcp" | "tls"} Path */

/** How libwebrtc orders relays, in the first byte of a candidate's priority, for browsers that do not name the way. */
const BY_PREFERENCE = /** @type {Path[]} */ (["tls", "tcp", "udp"]);

export class Paths {
  /** @type {Set<Path>} */ found = new Set();
  /** @type {Set<Path>} */ offered;
  #connection;

  /** @param {RTCPeerConnection} connection @param {RTCIceServer[]} servers what it was made with */
  constructor(connection, servers) {
    this.#connection = connection;
    this.offered = new Set(servers.flatMap(({ urls }) => urls).map(pathOf).filter((path) => path !== null));
    connection.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate?.type === "relay") this.found.add(wayOf(candidate));
    });
  }

  /** Waits until every way that is offered was found, none is looked for any more, or time is up. @param {number} span milliseconds @param {AbortSignal} signal */
  async settle(span, signal) {
    const over = AbortSignal.any([signal, AbortSignal.timeout(span)]);
    while (!over.aborted && this.#isLooking()) await this.#news(over);
    if (await isDirect(this.#connection)) this.found.add("direct");
  }

  #isLooking() {
    return this.#connection.iceGatheringState !== "complete" && [...this.offered].some((path) => !this.found.has(path));
  }

  /** @param {AbortSignal} over @returns {Promise<unknown>} */
  #news(over) {
    return new Promise((resolve) => {
      for (const event of ["icecandidate", "icegatheringstatechange"]) {
        this.#connection.addEventListener(event, resolve, { once: true, signal: over });
      }
      over.addEventListener("abort", resolve, { once: true });
    });
  }
}

/** The way a TURN address stands for (RFC 7065). @param {string} url @returns {Path | null} */
export function pathOf(url) {
  if (url.startsWith("turns:")) return "tls";
  if (!url.startsWith("turn:")) return null;
  return url.includes("transport=tcp") ? "tcp" : "udp";
}

/** @param {RTCIceCandidate} candidate of a relay @returns {Path} */
export function wayOf(candidate) {
  const named = /** @type {{relayProtocol?: Path | null}} */ (candidate).relayProtocol;
  return named ?? BY_PREFERENCE[(candidate.priority ?? 0) >>> 24] ?? "udp";
}

/** Whether a pair without a relay of ours carries. @param {RTCPeerConnection} connection */
async function isDirect(connection) {
  const stats = await connection.getStats();
  return [...stats.values()].some((pair) => pair.type === "candidate-pair" && pair.state === "succeeded"
    && stats.get(pair.localCandidateId)?.candidateType !== "relay");
}
