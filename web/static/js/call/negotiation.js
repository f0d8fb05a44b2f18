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
  #stream;
  #makingOffer = false;
  #ignoringOffer = false;
  #round = 0;        // the highest round made or seen
  #answered = 0;     // the round whose answer stands as our local description
  #described = 0;    // the round of the remote description, to which remote candidates belong
  /** @type {Promise<void>} */ #line = Promise.resolve();
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
    if (!polite) this.#prepare();
  }

  get isClosed() {
    return this.#listeners.signal.aborted;
  }

  /** @param {"audio" | "video"} kind @param {MediaStreamTrack | null} track */
  async replace(kind, track) {
    await this.#transceiver(kind)?.sender.replaceTrack(track);
  }

  /** What this stream holds is sent from now on. @param {MediaStream} stream */
  async attach(stream) {
    this.#stream = stream;
    // Both at once: on a busy device each may take a while.
    await Promise.all(this.connection.getTransceivers().map(({ sender, receiver }) =>
      sender.replaceTrack(stream.getTracks().find((one) => one.kind === receiver.track.kind) ?? null)));
  }

  /** @param {RTCConfiguration} configuration */
  restart(configuration) {
    this.connection.setConfiguration(configuration);
    this.connection.restartIce();
  }

  /** The server was restarted or the session was lost: whatever was under way may have been lost with it; say it again. */
  repeat() {
    const { connection } = this;
    if (connection.signalingState === "have-local-offer" && connection.localDescription) {
      this.send({ type: "offer", round: this.#round, sdp: connection.localDescription.sdp });
    }
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

  #prepare() {
    for (const kind of /** @type {const} */ (["audio", "video"])) {
      const track = this.#stream.getTracks().find((one) => one.kind === kind);
      this.connection.addTransceiver(track ?? kind, { direction: "sendrecv", streams: [this.#stream] });
    }
    this.#openChannels();
  }

  #openChannels() {
    this.channels = openChannels(this.connection);
    // Whoever made this connection has had no turn to listen yet.
    queueMicrotask(() => this.#emit("channels", this.channels));
  }

  /** One message after the other: none is handled while another waits. @param {() => Promise<void>} step */
  #inTurn(step) {
    this.#line = this.#line.then(async () => {
      if (this.isClosed) return;
      try {
        await step();
      } catch (fault) {
        if (!this.isClosed) this.#emit("fault", fault);
      }
    });
    return this.#line;
  }

  async #makeOffer() {
    const { connection } = this;
    try {
      this.#makingOffer = true;
      await connection.setLocalDescription();
      // While we waited, the other side's offer may have come first, or the connection may be closed.
      if (this.isClosed || connection.signalingState !== "have-local-offer" || !connection.localDescription) return;
      this.#round += 1;
      this.send({ type: "offer", round: this.#round, sdp: connection.localDescription.sdp });
    } catch (fault) {
      if (!this.isClosed) this.#emit("fault", fault);
    } finally {
      this.#makingOffer = false;
    }
  }

  /** @param {{round: number, sdp: string}} message */
  async #takeOffer({ round, sdp }) {
    const { connection } = this;
    if (round === this.#answered) return this.#answerAgain(round);
    if (round < this.#round) return;
    const collision = this.#makingOffer || connection.signalingState !== "stable";
    this.#ignoringOffer = collision && !this.isPolite;
    if (this.#ignoringOffer) return;
    await connection.setRemoteDescription({ type: "offer", sdp });
    if (this.isClosed || connection.signalingState !== "have-remote-offer") return;
    this.#round = this.#described = round;
    await this.#attach();
    // Not before the first offer is here: a channel of its own would make this side offer as well.
    if (this.#answered === 0) this.#openChannels();
    await connection.setLocalDescription();
    if (this.isClosed || connection.localDescription?.type !== "answer") return;
    this.#answered = round;
    this.#sendAnswer(round);
    await this.#candidates((all) => all.takeEarly(this.#described));
  }

  /**
   * Our answer was lost. If we have made an offer since, it was lost as well, and the other side waits for the answer:
   * the polite side takes its offer back first, and makes it anew when all is quiet.
   * @param {number} round
   */
  async #answerAgain(round) {
    const { connection } = this;
    if (connection.signalingState === "have-local-offer" && this.isPolite) await connection.setLocalDescription({ type: "rollback" });
    if (!this.isClosed && connection.signalingState === "stable") this.#sendAnswer(round);
  }

  /** @param {{round: number, sdp: string}} message */
  async #takeAnswer({ round, sdp }) {
    const { connection } = this;
    if (round !== this.#round || connection.signalingState !== "have-local-offer") return;
    await connection.setRemoteDescription({ type: "answer", sdp });
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
      if (!this.#ignoringOffer && !this.isClosed) this.#emit("fault", fault);
    }
  }

  async #attach() {
    for (const transceiver of this.connection.getTransceivers()) {
      const { sender, receiver } = transceiver;
      if (transceiver.direction === "sendrecv" || transceiver.currentDirection === "stopped") continue;
      transceiver.direction = "sendrecv";
      sender.setStreams?.(this.#stream);
      await sender.replaceTrack(this.#stream.getTracks().find((one) => one.kind === receiver.track.kind) ?? null);
    }
  }

  /** @param {"audio" | "video"} kind */
  #transceiver(kind) {
    return this.connection.getTransceivers().find((one) => one.receiver.track.kind === kind);
  }

  /** @param {number} round */
  #sendAnswer(round) {
    const own = this.connection.localDescription;
    if (own?.type === "answer") this.send({ type: "answer", round, sdp: own.sdp });
  }

  /** @param {RTCIceCandidate | null} candidate */
  #sendCandidate(candidate) {
    // A candidate belongs to the description being gathered: an offer that is being made takes the next round.
    const round = this.#makingOffer ? this.#round + 1 : this.#round;
    this.send({ type: "candidate", round, candidate: candidate ? JSON.stringify(candidate) : "" });
  }

  /** @param {string} name @param {unknown} [detail] */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
