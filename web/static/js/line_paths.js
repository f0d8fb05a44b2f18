/**
 * Which ways lead to our TURN server from here: UDP, TCP, TLS. A relay's candidate is the proof that it was reached in that way
 * and took our credential, so a connection that only gathers is enough; each way has one of its own, since a browser stops
 * looking for others once it is connected. Knows no DOM.
 */

/** @typedef {"direct" | "udp" | "tcp" | "tls"} Path */

const FIRST = 1_500; // milliseconds in which UDP has to answer before the others are relied on
const ANY = 4_000; // milliseconds in which one way at all has to answer
const SHUT = 3_000; // milliseconds without an answer after which a way is called shut

export class Paths {
  /** @type {Set<Path>} */ found = new Set();
  /** @type {Map<Path, string>} */ #urls = new Map();
  /** @type {Map<Path, Promise<unknown>>} */ #looking = new Map();
  /** @type {Map<Path, number>} when each was first tried */ #since = new Map();
  /** @type {Set<Path>} */ #over = new Set();
  /** @type {Set<RTCPeerConnection>} */ #open = new Set();
  #servers;

  /** @param {RTCIceServer[]} servers each with its credential */
  constructor(servers) {
    this.#servers = servers;
    for (const url of servers.flatMap(({ urls }) => urls)) {
      const path = pathOf(url);
      if (path && !this.#urls.has(path)) this.#urls.set(path, url);
    }
  }

  get offered() {
    return [...this.#urls.keys()];
  }

  /** Of which something is known by now: open, or shut. */
  get tried() {
    const early = performance.now() - SHUT;
    return this.offered.filter((path) => this.found.has(path) || this.#over.has(path) || (this.#since.get(path) ?? early + 1) <= early);
  }

  /**
   * The servers to connect with: by UDP where that is open, since trying the others, too, would weigh on a thin line; else by
   * whatever way is. TLS weighs most and begins when UDP does not answer. @param {AbortSignal} signal
   */
  async choose(signal) {
    const slow = [this.#look("tcp", signal)];
    await Promise.race([this.#look("udp", signal), after(FIRST, signal)]);
    if (!this.found.has("udp") && this.#urls.size > 0) {
      slow.push(this.#look("tls", signal));
      const ways = slow.map((way) => way.then(() => this.found.size > 0 || Promise.reject(new Error("shut"))));
      await Promise.race([Promise.any(ways).catch(() => {}), after(ANY, signal)]);
    }
    return this.#by(this.found.has("udp") ? ["udp"] : [...this.found]);
  }

  /** Looks for what is left, for so long at most. @param {number} span milliseconds @param {AbortSignal} signal */
  async finish(span, signal) {
    await Promise.race([Promise.all([...this.#urls.keys()].map((path) => this.#look(path, signal))), after(span, signal)]);
  }

  close() {
    for (const connection of this.#open) connection.close();
    this.#open.clear();
  }

  /** @param {Path[]} ways @returns {RTCIceServer[]} the STUN servers, and the relays in these ways */
  #by(ways) {
    const wanted = new Set(ways.map((path) => this.#urls.get(path)));
    return this.#servers.flatMap((server) => {
      const urls = [server.urls].flat().filter((url) => wanted.has(url) || !pathOf(url));
      return urls.length > 0 ? [{ ...server, urls }] : [];
    });
  }

  /** Once for each way. @param {Path} path @param {AbortSignal} signal @returns {Promise<unknown>} */
  #look(path, signal) {
    const url = this.#urls.get(path);
    const server = this.#servers.find(({ urls }) => [urls].flat().includes(url ?? ""));
    if (!url || !server || signal.aborted) return Promise.resolve();
    const looking = this.#looking.get(path) ?? this.#gather(path, { ...server, urls: [url] });
    this.#looking.set(path, looking);
    return looking;
  }

  /** @param {Path} path @param {RTCIceServer} server */
  async #gather(path, server) {
    this.#since.set(path, performance.now());
    const connection = new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: "relay" });
    this.#open.add(connection);
    connection.createDataChannel("path");
    const done = new Promise((resolve) => {
      connection.addEventListener("icecandidate", ({ candidate }) => {
        if (candidate?.candidate) this.found.add(path);
        if (candidate?.candidate || candidate === null) resolve(null);
      });
    });
    await connection.setLocalDescription();
    await done;
    this.#over.add(path);
    connection.close();
    this.#open.delete(connection);
  }
}

/** The way a TURN address stands for (RFC 7065). @param {string} url @returns {Path | null} */
export function pathOf(url) {
  if (url.startsWith("turns:")) return "tls";
  if (!url.startsWith("turn:")) return null;
  return url.includes("transport=tcp") ? "tcp" : "udp";
}

/** Whether the pair in use passes no relay of ours. @param {RTCPeerConnection} connection */
export async function isDirect(connection) {
  const stats = await connection.getStats();
  return [...stats.values()].some((pair) => pair.type === "candidate-pair" && pair.state === "succeeded"
    && stats.get(pair.localCandidateId)?.candidateType !== "relay");
}

/** Resolves at the end of the span or of the whole check. @param {number} span milliseconds @param {AbortSignal} signal @returns {Promise<void>} */
function after(span, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, signal.aborted ? 0 : span);
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
