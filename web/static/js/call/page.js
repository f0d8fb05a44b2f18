/**
 * A call on a page: fills the template, opens camera and microphone, takes the seat and keeps it through reloads, cut
 * lines and restarted servers. The one place where channel, link, media and view meet.
 */

import { clone } from "../dom.js";
import { get, postUntilAnswered } from "../http.js";
import { channel } from "../wire.js";
import { takeAddress, wireButtons } from "./buttons.js";
import { rereadCase } from "./case.js";
import { Commands, listen } from "./commands.js";
import { wireFeatures } from "./features.js";
import { Link } from "./link.js";
import { load, settled } from "./late.js";
import { lineOf } from "./line.js";
import { LocalMedia } from "./media.js";
import { lay } from "./place.js";
import { chime } from "./room.js";
import { Seat } from "./seat.js";
import { View } from "./view.js";

/** @import {Kind} from "./media.js" */
/** @import {Peer} from "../protocol.js" */

const AGAIN = 2_000; // milliseconds until what could not be read is asked for again

export class CallPage {
  call;
  #side;
  #view;
  #media;
  #say;
  #seat;
  #link;
  #listeners = new AbortController();
  /** @type {(known: import("./features.js").Known) => void} */ #know = () => {};
  /** @type {{name: string, organization: string} | null} */ #me = null;
  #encounter = "";
  #back = "/";           // where this page goes when the two did not meet
  #known = false;        // the other side was here at least once
  #met = false;          // media flowed at least once
  #flow = "";
  #state = "";           // of the call's machine, as the server said it

  /** @param {{call: string, side: "worker" | "doctor", media?: LocalMedia}} options */
  constructor({ call, side, media = new LocalMedia() }) {
    this.call = call;
    this.#side = side;
    this.#media = media;
    const root = clone(side === "doctor" ? "call-doctor" : "call-station");
    this.#view = new View(root);
    this.#say = new Commands(call, this.#media);
    this.#link = new Link({
      call, media: this.#media, channel, enter: (peer) => this.#say.enter(peer, false), isWanted: () => this.#seat.wanted,
    });
    this.#seat = new Seat(this.#say, () => this.#link.peer);
    this.#seat.addEventListener("elsewhere", () => this.#stop("elsewhere"));
    this.#seat.addEventListener("over", () => void this.#read());
    lay(root);
    takeAddress(`/calls/${call}`);
    this.#hear();
    this.#wireLink();
    this.#wireRoot(root);
  }

  /** Connection, devices, seat and case at once: none waits for another. @param {{stream?: MediaStream, leg?: import("./leg.js").Leg | null}} given */
  async start({ stream, leg }) {
    this.#media.addEventListener("change", () => this.#ours());
    const opening = this.#media.open(stream);
    if (leg) this.#link.adopt(leg);
    this.#ours();
    await Promise.all([opening, this.#read(), this.#seat.take(false)]);
  }

  close() {
    this.#listeners.abort();
    this.#silence();
    this.#view.close();
  }

  /** @param {import("./view.js").Line} line */
  #stop(line) {
    this.#silence();
    this.#view.fillPeople([], null);
    this.#view.setLine(line);
  }

  #silence() {
    this.#seat.giveUp();
    this.#link.close();
    this.#media.close();
  }

  #leave() {
    if (!this.#seat.wanted) return;
    this.#say.leave();
    this.#stop("left");
  }

  /** @param {boolean} takeOver */
  async #return(takeOver) {
    this.#view.setLine("opening");
    this.#seat.wanted = true;
    await this.#media.open();
    await this.#seat.take(takeOver);
  }

  async #read() {
    const { signal } = this.#listeners;
    try {
      // The case is read, and audited, once; after that only how the call stands.
      const state = await get(`/calls/${this.call}/state${this.#encounter ? "?brief" : ""}`, { signal });
      if (!this.#encounter) this.#openBeside(state);
      this.#view.startedAgo(state.elapsedMs);
      if (state.advice) this.#view.advice(state.advice);
      this.#changed(state);
    } catch {
      if (!signal.aborted) setTimeout(() => void this.#read(), AGAIN);
    }
  }

  /** @param {any} state */
  #openBeside({ me, person, encounter, request, case: given }) {
    this.#encounter = encounter;
    this.#me = person;
    if (this.#side === "worker") this.#back = `/requests/${request}`;
    this.#view.fillCase(given);
    this.#people();
    this.#know({ me, encounter });
  }

  /** @param {{state: string, reason: string, finishInMs: number}} now */
  #changed({ state, reason, finishInMs }) {
    this.#state = state;
    if (state === "ended" || state === "failed") return this.#end(reason);
    // The two did not meet and it rings again: the page of the request says how.
    if (reason === "not-joined") return location.assign(this.#back);
    this.#view.show("warning", reason);
    this.#view.finishIn(finishInMs);
    this.#draw();
  }

  /** @param {string} reason */
  #end(reason) {
    this.#silence();
    this.#view.fillPeople([], null);
    this.#view.over(reason);
    this.#view.root.dispatchEvent(new Event("over"));
  }

  #draw() {
    if (!this.#seat.wanted) return;
    const { other, state } = this.#link;
    this.#view.setLine(lineOf({
      taken: this.#seat.taken, here: other !== null, known: this.#known, met: this.#met,
      flows: this.#flow === "connected" && state !== "failed", state: this.#state,
    }));
  }

  #hear() {
    const link = this.#link, reread = rereadCase(this.call, (given) => this.#view.fillCase(given), this.#listeners.signal);
    /** @param {string} peer @param {() => void} deed */
    const ifOther = (peer, deed) => { if (peer === link.other?.peer) deed(); };
    listen(this.call, {
      missed: () => this.#seat.missed(), seated: (message) => this.#seated(message), joined: (peer) => this.#joined(peer),
      left: (peer, isGone) => ifOther(peer, () => isGone ? link.gone() : link.left()), away: (peer) => ifOther(peer, () => link.away()),
      theirs: (message) => link.said(message), relayed: (kind, message) => link.relayed(kind, message), changed: (message) => this.#changed(message),
      moved: () => this.#stop("moved"),
      note: (encounter) => { if (encounter === this.#encounter) void this.#read(); }, written: (encounter) => { if (encounter === this.#encounter) reread(); },
    }, this.#listeners.signal);
  }

  /** @param {any} message */
  #seated(message) {
    if (message.peer !== this.#link.peer || !this.#seat.wanted) return;
    const again = this.#seat.seated();
    this.#say.seated();
    this.#link.entered(message);
    if (again) void this.#read();
    this.#view.root.dispatchEvent(new Event("seated"));
    if (this.#flow) this.#say.mediaReport(this.#flow === "connected");
    this.#draw();
  }

  /** @param {Peer} peer */
  #joined(peer) {
    if (peer.peer === this.#link.peer) return;
    if (this.#link.other?.participant !== peer.participant) chime();
    this.#link.joined(peer);
  }

  #wireLink() {
    const link = this.#link;
    /** @param {string} name @param {(detail: any) => void} handler */
    const on = (name, handler) => link.addEventListener(name, (event) => handler(/** @type {CustomEvent} */ (event).detail));
    on("state", () => this.#draw());
    on("people", () => this.#people());
    on("track", () => void this.#view.play(link.remote));
    on("flow", (flow) => this.#flows(flow));
    on("look", (look) => this.#view.looks(look));
  }

  #people() {
    const { other } = this.#link;
    if (other) this.#known = true;
    else if (!this.#link.connection) this.#flow = "";
    this.#view.fillPeople(other ? [other] : [], this.#me);
    this.#draw();
  }

  /** @param {string} flow */
  #flows(flow) {
    if (!this.#seat.wanted) return;
    this.#flow = flow;
    if (flow === "connected") this.#met = true;
    this.#say.mediaReport(flow === "connected");
    this.#draw();
  }

  /** @param {HTMLElement} root */
  #wireRoot(root) {
    wireButtons(root, {
      toggle: (kind) => this.#media.set(kind, !this.#media.isOn(kind)), leave: () => this.#leave(),
      comeBack: (takeOver) => this.#return(takeOver), retry: () => this.#link.rebuild(), play: () => this.#view.play(this.#link.remote),
      move: (deed) => postUntilAnswered(`/calls/${this.call}/${deed}`, {}, { signal: this.#listeners.signal }).then((now) => this.#changed(now), () => this.#read()), isOut: () => !this.#seat.wanted, address: `/calls/${this.call}`,
    }, this.#listeners.signal);
    wireFeatures({
      call: this.call, side: this.#side, root, view: this.#view, media: this.#media, link: this.#link, say: this.#say,
      known: new Promise((resolve) => { this.#know = resolve; }), settled: settled(this.#link), openedAt: performance.now(),
      load: (ask) => load(ask, this.#listeners.signal), signal: this.#listeners.signal, courier: () => null,
    });
  }

  #ours() {
    for (const kind of /** @type {Kind[]} */ (["audio", "video"])) {
      this.#view.ours(kind, this.#media.isOn(kind), this.#media.faults[kind]);
    }
    if (this.#media.stream.active && this.#view.own.srcObject !== this.#media.stream) this.#view.own.srcObject = this.#media.stream;
    if (this.#seat.taken && this.#seat.wanted) this.#say.mediaState();
  }
}
