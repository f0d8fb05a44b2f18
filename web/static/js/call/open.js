/**
 * A call in the page that rang: fills the template, opens camera and microphone, takes the seat and keeps it through
 * reloads, cut lines and restarted servers. The one place where channel, link, media and view meet.
 */

import { clone } from "../dom.js";
import { get, post } from "../http.js";
import { channel } from "../wire.js";
import { takeAddress, wireButtons } from "./buttons.js";
import { Chat } from "./chat.js";
import { Commands, listen } from "./commands.js";
import { wireDevices } from "./devices.js";
import { Link } from "./link.js";
import { LocalMedia } from "./media.js";
import { lay, openNote } from "./place.js";
import { chime, keepAwake } from "./room.js";
import { View } from "./view.js";

/** @import {Kind} from "./media.js" */
/** @import {Peer} from "../protocol.js" */

const AGAIN = 2_000;  // milliseconds until a seat is asked for again that the server could not write down
const SEAT = 4_000;   // milliseconds for which a seat just taken needs no second look

/** @type {CallPage | null} */
let open = null;

/**
 * Opens the call here; the same call again gives the page that is open.
 * @param {{call: string, side: "worker" | "doctor", stream?: MediaStream}} options `stream`: the preview, taken over
 */
export async function openCall(options) {
  if (open?.call === options.call) return open;
  open?.close();
  open = new CallPage(options);
  await open.start(options.stream);
  return open;
}

export class CallPage {
  call;
  #side;
  #view;
  #media = new LocalMedia();
  #say;
  #link;
  /** @type {Chat | null} */ #chat = null;
  #listeners = new AbortController();
  /** @type {{name: string, organization: string} | null} */ #me = null;
  #encounter = "";
  #entered = false;      // the seat was taken at least once
  #seatedAt = 0;
  #known = false;        // the other side was here at least once
  #met = false;          // media flowed at least once
  #flow = "";
  #state = "";           // of the call's machine, as the server said it
  #stopped = false;      // left, moved or over: no seat is wanted
  /** @type {(() => void) | null} */ #sleep = null;

  /** @param {{call: string, side: "worker" | "doctor"}} options */
  constructor({ call, side }) {
    this.call = call;
    this.#side = side;
    const root = clone(side === "doctor" ? "call-doctor" : "call-station");
    this.#view = new View(root, document.documentElement.lang);
    this.#say = new Commands(call, this.#media);
    this.#link = new Link({
      call, media: this.#media, relay: (message) => channel.relay(message), enter: (peer) => this.#say.enter(peer, false),
      isOpen: () => channel.state.state === "open" && !this.#stopped,
    });
    lay(root);
    takeAddress(`/calls/${call}`);
    this.#hear();
    this.#wireLink();
    this.#wireRoot(root);
  }

  /** @param {MediaStream} [stream] */
  async start(stream) {
    const reading = this.#read();
    this.#media.addEventListener("change", () => this.#ours());
    await this.#media.open(stream);
    this.#ours();
    await reading;
    if (!this.#stopped) await this.#take(false);
  }

  close() {
    this.#stopped = true;
    this.#listeners.abort();
    this.#silence();
    this.#chat?.close();
    this.#view.close();
  }

  // ------------------------------------------------------------ the seat

  /** @param {boolean} takeOver */
  async #take(takeOver) {
    this.#stopped = false;
    try {
      await this.#say.enter(this.#link.peer, takeOver);
      channel.busy = true;
      this.#sleep ??= keepAwake();
    } catch (refusal) {
      this.#refused(/** @type {{code?: string}} */ (refusal).code ?? "");
    }
  }

  #missed() {
    if (this.#entered && !this.#stopped && performance.now() - this.#seatedAt > SEAT) void this.#take(false);
  }

  /** @param {string} code */
  #refused(code) {
    if (code === "call-elsewhere") this.#stop("elsewhere");
    else if (code === "call-over" || code === "no-such-call") void this.#read();
    // The records could not write it down: media that flows goes on flowing, and we ask again.
    else setTimeout(() => { if (!this.#stopped) void this.#take(false); }, AGAIN);
  }

  /** @param {import("./view.js").Line} line */
  #stop(line) {
    this.#stopped = true;
    this.#silence();
    this.#view.fillPeople([], null);
    this.#view.setLine(line);
  }

  #silence() {
    this.#link.close();
    this.#media.close();
    channel.busy = false;
    this.#sleep?.();
    this.#sleep = null;
  }

  #leave() {
    if (this.#stopped) return;
    this.#say.leave();
    this.#stop("left");
  }

  /** @param {boolean} takeOver */
  async #return(takeOver) {
    this.#view.setLine("opening");
    this.#stopped = false;
    await this.#media.open();
    await this.#take(takeOver);
  }

  // ------------------------------------------------------------ how things stand

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
      if (!signal.aborted && !this.#stopped) setTimeout(() => void this.#read(), AGAIN);
    }
  }

  /** @param {any} state */
  #openBeside({ me, person, encounter, case: given }) {
    const { root } = this.#view;
    this.#encounter = encounter;
    this.#me = person;
    this.#view.fillCase(given);
    this.#people();
    this.#chat = new Chat({ call: this.call, me, root, wire: channel, language: document.documentElement.lang });
    this.#chat.addEventListener("unread", (event) => this.#view.unread(/** @type {CustomEvent<number>} */ (event).detail));
    this.#chat.load().catch(() => {});
    if (this.#side === "doctor") void openNote(encounter, root);
  }

  /** @param {{state: string, reason: string, finishInMs: number}} now */
  #changed({ state, reason, finishInMs }) {
    this.#state = state;
    if (state === "ended" || state === "failed") return this.#end(reason);
    // The two did not meet and it rings again: the page of the request says how.
    if (reason === "not-joined") return location.reload();
    this.#view.show("warning", reason);
    this.#view.finishIn(finishInMs);
    this.#draw();
  }

  /** @param {string} reason */
  #end(reason) {
    this.#stopped = true;
    this.#silence();
    this.#view.fillPeople([], null);
    this.#chat?.end();
    this.#view.over(reason);
  }

  /** The one state of the line that the page shows, from what the link and the machine say. */
  #draw() {
    if (this.#stopped) return;
    const { other, state } = this.#link;
    if (!this.#entered) this.#view.setLine("opening");
    else if (!other) this.#view.setLine(this.#known ? "empty" : "alone");
    else if (this.#flow === "connected" && state !== "failed") this.#view.setLine("connected");
    else if (this.#met) this.#view.setLine("reconnecting");
    else this.#view.setLine(this.#state === "reconnecting" ? "not-connected" : "connecting");
  }

  // ------------------------------------------------------------ what is heard

  #hear() {
    const link = this.#link;
    /** @param {string} peer @param {() => void} deed */
    const ifOther = (peer, deed) => { if (peer === link.other?.peer) deed(); };
    listen(this.call, {
      missed: () => this.#missed(), seated: (message) => this.#seated(message), joined: (peer) => this.#joined(peer),
      left: (peer) => ifOther(peer, () => link.left()), away: (peer) => ifOther(peer, () => link.away()),
      theirs: ({ peer, microphone, camera }) => ifOther(peer, () => this.#view.theirs(microphone, camera)),
      relayed: (kind, message) => link.relayed(kind, message), changed: (message) => this.#changed(message),
      moved: () => this.#stop("moved"), chat: (message) => this.#chat?.receive(message),
      mark: (message) => this.#chat?.marked(message),
      note: (encounter) => { if (encounter === this.#encounter) void this.#read(); },
    }, this.#listeners.signal);
  }

  /** @param {any} message */
  #seated(message) {
    if (message.peer !== this.#link.peer || this.#stopped) return;
    const again = this.#entered;
    this.#entered = true;
    this.#seatedAt = performance.now();
    this.#link.entered(message);
    const other = /** @type {Peer | undefined} */ (message.peers[0]);
    if (other) this.#view.theirs(other.microphone, other.camera);
    if (again) {
      void this.#read();
      this.#chat?.again();
    }
    if (this.#flow) this.#say.mediaReport(this.#flow === "connected");
    this.#draw();
  }

  /** @param {Peer} peer */
  #joined(peer) {
    if (peer.peer === this.#link.peer) return;
    if (this.#link.other?.participant !== peer.participant) chime();
    this.#link.joined(peer);
    this.#view.theirs(peer.microphone, peer.camera);
  }

  #wireLink() {
    const link = this.#link;
    /** @param {string} name @param {(detail: any) => void} handler */
    const on = (name, handler) => link.addEventListener(name, (event) => handler(/** @type {CustomEvent} */ (event).detail));
    on("state", () => this.#draw());
    on("people", () => this.#people());
    on("track", () => void this.#play());
    on("flow", (flow) => this.#flows(flow));
    on("look", (look) => this.#view.looks(look));
    on("figures", (figures) => this.#say.measured(figures, this.#view.picture));
  }

  #people() {
    const { other } = this.#link;
    if (other) this.#known = true;
    else this.#flow = "";
    this.#view.fillPeople(other ? [other] : [], this.#me);
    this.#draw();
  }

  /** @param {string} flow */
  #flows(flow) {
    this.#flow = flow;
    if (flow === "connected") this.#met = true;
    this.#say.mediaReport(flow === "connected");
    this.#draw();
  }

  async #play() {
    const { remote, root } = this.#view;
    if (remote.srcObject !== this.#link.remote) remote.srcObject = this.#link.remote;
    const unlock = /** @type {HTMLButtonElement} */ (root.querySelector("[data-unlock]"));
    try {
      await remote.play();
      unlock.hidden = true;
    } catch (fault) {
      unlock.hidden = !(fault instanceof DOMException && fault.name === "NotAllowedError");
    }
  }

  // ------------------------------------------------------------ what is pressed

  /** @param {HTMLElement} root */
  #wireRoot(root) {
    wireButtons(root, {
      toggle: (kind) => this.#media.set(kind, !this.#media.isOn(kind)), leave: () => this.#leave(),
      comeBack: (takeOver) => this.#return(takeOver), retry: () => this.#link.rebuild(), play: () => this.#play(),
      move: (deed) => this.#move(deed), isOut: () => this.#stopped, address: `/calls/${this.call}`,
    }, this.#listeners.signal);
    wireDevices(root, this.#media, this.#listeners.signal);
  }

  /** @param {"finish" | "unfinish"} deed */
  async #move(deed) {
    try {
      this.#changed(await post(`/calls/${this.call}/${deed}`));
    } catch {
      void this.#read();
    }
  }

  #ours() {
    for (const kind of /** @type {Kind[]} */ (["audio", "video"])) {
      this.#view.ours(kind, this.#media.isOn(kind), this.#media.faults[kind]);
    }
    if (this.#view.own.srcObject !== this.#media.stream) this.#view.own.srcObject = this.#media.stream;
    if (this.#entered && !this.#stopped) this.#say.mediaState();
  }
}
