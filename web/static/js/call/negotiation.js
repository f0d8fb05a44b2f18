/**
 * Perfect negotiation with one other peer over one RTCPeerConnection (W3C WebRTC 10.7). Knows no DOM and no channel:
 * messages go out through `send` and come in through `offer`, `answer` and `candidate`.
 *
 * Two transceivers, sound and picture, always stand; tracks come and go by replaceTrack, so that a camera that is
 * missing, switched off or changed needs no new negotiation; without tracks nothing is sent, so a connection may stand before anybody
 * has accepted. Data channels stand beside them, agreed in code. Every negotiation of the pair has a round, upwards; what
 * belongs to an older round is dropped. The impolite side makes the first offer.
 */

import { Candidates } from "./candidates.js";
import { openChannels } from "./channels.js";
import { setAnew } from "./reform.js";
import { asAnswer, formed, setupOf, slim } from "./sdp.js";
import { accept, attach, prepare, senderOf } from "./transceivers.js";
import { Turns } from "./turns.js";

/**
 * @typedef {import("./channels.js").Channels} Channels
 * @typedef {{type: "offer" | "answer", round: number, sdp: string} | {type: "candidate", round: number, candidate: string}} Signal
 * @typedef {{
 *   configuration: RTCConfiguration,
 *   polite: boolean,
 *   stream?: MediaStream,
 *   send: (signal: Signal) => void,
 *   make?: (configuration: RTCConfiguration) => RTCPeerConnection,
 * }} Options
 */

export class Negotiation extends EventTarget {
  /** @type {RTCPeerConnection} */ connection;
  /** @type {Channels | null} from the first offer on; `channels` is emitted then */ channels = null;
  /** Where messages go; whoever takes a standing connection over sets it anew. */ send;
  /** @type {boolean} */ isPolite;
  /** @type {import("./sdp.js").Form | null} */ #form = null;
  #reforming = false;
  /** @type {Signal | null} our last */ #answer = null;
  #remote = "";      // the other side's last description, as an answer
  #stream;
  #makingOffer = false;
  #ignoringOffer = false;
  #round = 0;        // the highest round made or seen
  #answered = 0;     // the round whose answer stands as our local description
  #described = 0;    // the round of the remote description, to which remote candidates belong
  #turns = new Turns((fault) => this.#fault(fault));
  #remoteCandidates;
  #listeners = new AbortController();

  /** @param {Options} options */
  constructor({ configuration, polite, stream = new MediaStream(), send, make = (given) => new RTCPeerConnection(given) }) {
    super();
    this.isPolite = polite;
    this.#stream = stream;
    this.send = send;
    this.connection = make(configuration);
    this.#remoteCandidates = new Candidates(this.connection);
    this.#listen();
    if (polite) return;
    prepare(this.connection, stream);
    this.#openChannels();
  }

  get isClosed() {
    return this.#listeners.signal.aborted;
  }

  /** @param {"audio" | "video"} kind @param {MediaStreamTrack | null} track */
  async replace(kind, track) {
    await senderOf(this.connection, kind)?.replaceTrack(track);
  }

  /** What this stream holds is sent from now on. @param {MediaStream} stream */
  async attach(stream) {
    this.#stream = stream;
    await attach(this.connection, stream);
  }

  /** @param {RTCConfiguration} configuration */
  restart(configuration) {
    this.connection.setConfiguration(configuration);
    this.connection.restartIce();
  }

  /** The server was restarted or the session was lost: an offer under way may have been lost with it; say it again. @returns {boolean} whether there is one */
  repeat() {
    const waits = this.connection.signalingState === "have-local-offer" && !this.#reforming;
    if (waits) this.#sendOffer();
    return waits;
  }

  /** Sends in another form from now on; nobody is told. @param {import("./sdp.js").Form} form */
  reform(form) {
    this.#form = form;
    return this.#inTurn(async () => {
      const isFree = () => this.#remote !== "" && !this.#makingOffer && this.connection.signalingState === "stable";
      this.#reforming = true;
      await setAnew(this.connection, this.#formed(this.#remote), isFree).finally(() => this.#reforming = false);
    });
  }

  /** @param {{round: number, sdp: string}} message */
  offer(message) {
    return this.#inTurn(() => this.#takeOffer(message));
  }

  /** @param {{round: number, sdp: string}} message */
  answer(message) {
    return this.#inTurn(() => this.#takeAnswer(message));
  }

  /** @param {{round: number, candidate: string}} message */
  candidate(message) {
    return this.#inTurn(() => this.#candidates((all) => all.take(message, this.#described)));
  }

  close() {
    this.#listeners.abort();
    this.connection.close();
  }

  #listen() {
    const { connection } = this;
    const { signal } = this.#listeners;
    connection.addEventListener("negotiationneeded", () => void this.#makeOffer(), { signal });
    connection.addEventListener("icecandidate", ({ candidate }) => this.#sendCandidate(candidate), { signal });
    connection.addEventListener("track", ({ track }) => this.#emit("track", track), { signal });
    for (const name of ["iceconnectionstatechange", "connectionstatechange"]) {
      connection.addEventListener(name, () => this.#emit("state"), { signal });
    }
  }

  #openChannels() {
    this.channels = openChannels(this.connection);
    // Whoever made this connection has had no turn to listen yet.
    queueMicrotask(() => this.#emit("channels", this.channels));
  }

  /** @param {string} sdp of the other side */
  #formed(sdp) {
    return this.#form ? formed(sdp, this.#form) : sdp;
  }

  async #makeOffer() {
    const { connection } = this;
    // The other side offers first. An offer of nothing, such as a restart asks for, would spoil the connection for good.
    if (this.isPolite && this.#round === 0) return;
    try {
      this.#makingOffer = true;
      await connection.setLocalDescription();
      // While we waited, the other side's offer may have come first, or the connection may be closed.
      if (this.isClosed || connection.signalingState !== "have-local-offer" || !connection.localDescription) return;
      this.#round += 1;
      this.#sendOffer();
    } catch (fault) {
      this.#fault(fault);
    } finally {
      this.#makingOffer = false;
    }
  }

  /** @param {{round: number, sdp: string}} message */
  async #takeOffer({ round, sdp }) {
    const { connection } = this;
    if (round === this.#answered) return this.#answerAgain();
    if (round < this.#round) return;
    const collision = this.#makingOffer || connection.signalingState !== "stable";
    this.#ignoringOffer = collision && !this.isPolite;
    if (this.#ignoringOffer) return;
    await connection.setRemoteDescription({ type: "offer", sdp: this.#formed(sdp) });
    if (this.isClosed || connection.signalingState !== "have-remote-offer") return;
    this.#round = this.#described = round;
    await accept(connection, this.#stream);
    // Not before the first offer is here: a channel of its own would make this side offer as well.
    if (!this.channels) this.#openChannels();
    await connection.setLocalDescription();
    if (this.isClosed || connection.localDescription?.type !== "answer") return;
    this.#answered = round;
    this.#remote = asAnswer(sdp, setupOf(connection.localDescription.sdp) === "active" ? "passive" : "active");
    this.#answer = { type: "answer", round, sdp: slim(connection.localDescription.sdp) };
    this.send(this.#answer);
    await this.#candidates((all) => all.takeEarly(this.#described));
  }

  /**
   * Our answer was lost. If we have made an offer since, it was lost as well, and the other side waits for the answer:
   * the polite side takes its offer back first, and makes it anew when all is quiet.
   */
  async #answerAgain() {
    const { connection } = this;
    if (connection.signalingState === "have-local-offer" && this.isPolite) await connection.setLocalDescription({ type: "rollback" });
    if (!this.isClosed && connection.signalingState === "stable" && this.#answer) this.send(this.#answer);
  }

  /** @param {{round: number, sdp: string}} message */
  async #takeAnswer({ round, sdp }) {
    const { connection } = this;
    if (round !== this.#round || connection.signalingState !== "have-local-offer") return;
    await connection.setRemoteDescription({ type: "answer", sdp: this.#formed(sdp) });
    this.#remote = sdp;
    this.#described = round;
    this.#ignoringOffer = false;
    await this.#candidates((all) => all.takeEarly(this.#described));
  }

  /** @param {(candidates: Candidates) => Promise<void>} step */
  async #candidates(step) {
    try {
      await step(this.#remoteCandidates);
    } catch (fault) {
      // Candidates of an offer that was ignored or rolled back name a fragment that nobody uses any more.
      if (!this.#ignoringOffer) this.#fault(fault);
    }
  }

  #sendOffer() {
    this.send({ type: "offer", round: this.#round, sdp: slim(this.connection.localDescription?.sdp ?? "") });
  }

  /** @param {RTCIceCandidate | null} candidate */
  #sendCandidate(candidate) {
    // A candidate belongs to the description being gathered: an offer that is being made takes the next round.
    const round = this.#makingOffer ? this.#round + 1 : this.#round;
    this.send({ type: "candidate", round, candidate: candidate ? JSON.stringify(candidate) : "" });
  }

  /** @param {() => Promise<void>} step */
  #inTurn(step) {
    return this.#turns.take(async () => { if (!this.isClosed) await step(); });
  }

  /** @param {unknown} fault */
  #fault(fault) {
    if (!this.isClosed) this.#emit("fault", fault);
  }

  /** @param {string} name @param {unknown} [detail] */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
