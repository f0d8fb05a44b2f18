/**
 * The media link of one call: this side's peer id, the one other peer, the connection between them and its healing. Knows
 * no DOM. A new peer id on the other side means a new connection; the same id again means that only its socket was away:
 * its media is not touched.
 */

import { Absence } from "./absence.js";
import { care } from "./care.js";
import { configurationOf, expiresSoon } from "./configuration.js";
import { Negotiation } from "./negotiation.js";
import { Stats } from "./stats.js";
import { Steering } from "./steering.js";

/** @import {Channel} from "../channel.js" */
/** @import {Healing} from "./healing.js" */
/** @import {LocalMedia, Kind} from "./media.js" */
/** @import {Peer, PeerToPeer} from "../protocol.js" */

/**
 * @typedef {{
 *   call: string,
 *   media: LocalMedia,
 *   channel: Channel,
 *   enter: (peer: string) => Promise<unknown>,
 *   isWanted: () => boolean,
 * }} Options
 */

export class Link extends EventTarget {
  /** @type {string} */ peer = crypto.randomUUID();
  remote = new MediaStream();
  /** @type {Peer | null} */ other = null;
  #partner = "";        // the peer at the other end of our connection: known before the server has told us who it is
  #options;
  #polite = false;
  /** @type {RTCConfiguration} */ #configuration = {};
  /** @type {Negotiation | null} */ #negotiation = null;
  /** @type {Healing | null} */ #healing = null;
  /** @type {Stats | null} */ #stats = null;
  #steering;
  #absence = new Absence(() => this.#comes, () => this.left());
  /** @type {import("./negotiation.js").Signal[]} */ #unsaid = [];   // until both ends of an adopted connection are in the call
  #dropped = "";        // the peer to which the last connection was given up as lost

  /**
   * Emits `state`, `flow`, `look`, `report`, `people`, `other` (what it says of itself), and `channels` for each new connection.
   * @param {Options} options
   */
  constructor(options) {
    super();
    this.#options = options;
    this.#steering = new Steering(() => options.media.track("video"));
    options.media.addEventListener("change", (event) => {
      const kind = /** @type {CustomEvent<Kind>} */ (event).detail;
      void this.#negotiation?.replace(kind, options.media.track(kind)).then(() => this.#steering.lay());
    });
    this.#pass(this.#steering, "rung");
    this.#steering.addEventListener("theirs", (event) => this.#sends(/** @type {CustomEvent} */ (event).detail));
    this.#steering.addEventListener("cut", () => this.#healing?.silent(this.#steering.isCut));
  }

  /** What this side sends: `limit` and `begin` for those who know more of the line. */
  get steering() {
    return this.#steering;
  }

  /** That this side sends on. */
  get rung() {
    return this.#steering.rung;
  }

  /** What the line carries beside the voice, in kbit/s: as much may be sent over `pieces`. */
  get spare() {
    return this.#steering.spare;
  }

  /** The other side's connection as ICE sees it, or "" without one. */
  get state() {
    return this.#negotiation?.connection.iceConnectionState ?? "";
  }

  get connection() { return this.#negotiation?.connection ?? null; }

  /**
   * Takes over a connection that was negotiated while it rang: `peer` is our id in it and in `enter`, `other` that of the other side.
   * From now on our tracks are sent, not before it is said how.
   * @param {{negotiation: Negotiation, peer: string, other: string}} leg
   */
  adopt({ negotiation, peer, other }) {
    this.#drop();
    this.peer = peer;
    this.#partner = other;
    this.#configuration = negotiation.connection.getConfiguration();
    this.#stand(negotiation);
    void this.#steering.laid().then(() => negotiation.attach(this.#options.media.stream));
    for (const { track } of negotiation.connection.getReceivers()) this.#take(track);
    if (negotiation.channels) this.#emit("channels", negotiation.channels);
  }

  /** @param {{polite: boolean, peers: Peer[], media: PeerToPeer}} entered */
  entered({ polite, peers, media }) {
    this.#polite = polite;
    this.#configuration = configurationOf(media);
    const other = peers[0];
    if (other) this.joined(other);
    // After a restart of the server the other side may only be slower than we are.
    else if (this.other) this.away();
    else this.#emit("people");
  }

  /** @param {Peer} other */
  joined(other) {
    // It still keeps the connection that we gave up: ours has to be a new one in its eyes as well.
    if (other.peer === this.#dropped) return this.rebuild();
    const same = this.#partner === other.peer && this.#negotiation !== null;
    this.other = other;
    this.#absence.end();
    if (same) {
      for (const signal of this.#unsaid.splice(0)) this.#send(signal);
      this.#negotiation?.repeat();
      this.#healing?.reachable();
    } else this.#connect();
    this.#emit("people");
    this.#emit("other", other);
  }

  /** The other side says what it sends now. @param {import("../protocol.js").PeerMedia} said */
  said(said) {
    if (said.peer !== this.other?.peer) return;
    this.other = { ...this.other, ...said };
    this.#emit("other", this.other);
  }

  /** It says so over the connection itself, often before the server does. @param {import("./limits.js").Rung} rung */
  #sends(rung) {
    if (!this.other || this.other.rung === rung) return;
    this.other = { ...this.other, rung };
    this.#emit("other", this.other);
  }

  away() { this.#absence.begin(); }

  gone() { this.#absence.judge(); }

  left() {
    this.#absence.end();
    this.#dropped = this.#partner;
    this.#drop();
    this.#emit("people");
  }

  /** @param {"offer" | "answer" | "candidate"} kind @param {{sender: string, round: number, sdp?: string, candidate?: string}} message */
  relayed(kind, message) {
    if (message.sender !== this.#partner || !this.#negotiation) return;
    this.#healing?.joined(kind === "offer");
    void this.#negotiation[kind](/** @type {any} */ (message));
  }

  /** Somebody asks to try again now: a new connection under a new peer id, with the same tracks. */
  rebuild() {
    this.#dropped = "";
    this.peer = crypto.randomUUID();
    this.#drop();
    this.#options.enter(this.peer).catch(() => {});
  }

  /** The seat is given up: whoever comes back does so as a new peer. */
  close() {
    this.#absence.end();
    this.#drop();
    this.peer = crypto.randomUUID();
  }

  /** Something of the other side comes, or could. */
  get #comes() {
    return ["connected", "completed"].includes(this.state) || (this.state === "disconnected" && !this.#steering.isCut);
  }

  #connect() {
    this.#drop(this.other);
    this.#stand(new Negotiation({
      configuration: this.#configuration, polite: this.#polite, stream: this.#options.media.stream, send: (signal) => this.#send(signal),
    }));
  }

  /** @param {Negotiation} negotiation */
  #stand(negotiation) {
    this.#negotiation = negotiation;
    negotiation.send = (signal) => this.#send(signal);
    negotiation.addEventListener("channels", () => this.#emit("channels", negotiation.channels));
    negotiation.addEventListener("track", (event) => this.#take(/** @type {CustomEvent<MediaStreamTrack>} */ (event).detail));
    negotiation.addEventListener("state", () => this.#emit("state"));
    negotiation.addEventListener("fault", (event) => console.error("negotiation", /** @type {CustomEvent} */ (event).detail));
    this.#healing = care(negotiation, {
      channel: this.#options.channel, isHere: () => this.#options.isWanted() && !this.#absence.is,
      arrives: () => !this.#steering.isCut, restart: () => this.#restart(), rebuild: () => this.rebuild(),
    });
    this.#stats = new Stats(negotiation.connection);
    this.#pass(this.#stats, "flow", "look", "report");
    this.#steering.follow(negotiation, this.#stats);
  }

  /** @param {Peer | null} [other] who is here without a connection */
  #drop(other = null) {
    this.other = other;
    this.#partner = other?.peer ?? "";
    this.#unsaid = [];
    if (this.#stats) this.#emit("flow", "lost");
    this.#steering.release();
    this.#healing?.close();
    this.#stats?.close();
    this.#negotiation?.close();
    this.#healing = this.#stats = this.#negotiation = null;
    for (const track of this.remote.getTracks()) this.remote.removeTrack(track);
  }

  async #restart() {
    // Entering again with the same peer id changes nothing but brings fresh credentials.
    if (expiresSoon(this.#configuration)) await this.#options.enter(this.peer).catch(() => {});
    // An offer that waits for its answer may wait at a server that was restarted; it restarts ICE as well.
    if (this.#negotiation?.repeat()) return;
    this.#negotiation?.restart(this.#configuration);
  }

  /** @param {MediaStreamTrack} track */
  #take(track) {
    for (const old of this.remote.getTracks()) if (old.kind === track.kind) this.remote.removeTrack(old);
    this.remote.addTrack(track);
    this.#emit("track");
  }

  /** @param {import("./negotiation.js").Signal} signal */
  #send(signal) {
    if (!this.#partner) return;
    if (!this.other) return void this.#unsaid.push(signal);
    // Lost with a restarted server, it is said again when the other side is back (`repeat`).
    this.#options.channel.relay(/** @type {any} */ ({ ...signal, call: this.#options.call, to: this.#partner }));
  }

  /** @param {EventTarget} from @param {string[]} names of events that are ours as well */
  #pass(from, ...names) {
    for (const name of names) from.addEventListener(name, (event) => this.#emit(name, /** @type {CustomEvent} */ (event).detail));
  }

  /** @param {string} name @param {unknown} [detail] */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
