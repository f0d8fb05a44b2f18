/**
 * A call in the page that rang: fills the template, opens camera and microphone, takes the seat and keeps it through
 * reloads, cut lines and restarted servers. The one place where channel, link, media and view meet.
 */

import { clone } from "../dom.js";
import { get, post } from "../http.js";
import { channel } from "../wire.js";
import { Chat } from "./chat.js";
import { wireDevices } from "./devices.js";
import { Link } from "./link.js";
import { LocalMedia } from "./media.js";
import { chime, keepAwake } from "./room.js";
import { View } from "./view.js";

/** @import {Kind} from "./media.js" */

const SEAT = 4_000;   // milliseconds after a new session in which the seat is expected back

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
  #link;
  /** @type {Chat | null} */ #chat = null;
  #listeners = new AbortController();
  #entered = false;      // the seat was taken at least once
  #seatedAt = 0;
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
    this.#link = new Link({
      call, media: this.#media, relay: (message) => channel.relay(message), enter: (peer) => this.#enter(peer, false),
      isOpen: () => channel.state.state === "open" && !this.#stopped,
    });
    lay(root);
    this.#address();
    this.#wireChannel();
    this.#wireLink();
    this.#wireButtons();
  }

  /** @param {MediaStream} [stream] */
  async start(stream) {
    const reading = this.#read();
    this.#view.own.srcObject = this.#media.stream;
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

  /** @param {string} peer @param {boolean} takeOver */
  #enter(peer, takeOver) {
    return channel.send({
      type: "enter", id: crypto.randomUUID(), call: this.call, peer, takeOver,
      microphone: this.#media.isOn("audio"), camera: this.#media.isOn("video"),
    });
  }

  /** @param {boolean} takeOver */
  async #take(takeOver) {
    this.#stopped = false;
    try {
      await this.#enter(this.#link.peer, takeOver);
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
    else setTimeout(() => { if (!this.#stopped) void this.#take(false); }, 2_000);
  }

  /** @param {import("./view.js").Line} line */
  #stop(line) {
    this.#stopped = true;
    this.#silence();
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
    channel.send({ type: "leave", id: crypto.randomUUID(), call: this.call }).catch(() => {});
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
    try {
      const state = await get(`/calls/${this.call}/state${this.#chat ? "?brief" : ""}`, { signal: this.#listeners.signal });
      if (state.case) this.#view.fillCase(state.case);
      this.#view.startedAgo(state.elapsedMs);
      if (state.advice) this.#view.advice(state.advice);
      this.#openBeside(state);
      this.#changed(state);
    } catch (fault) {
      if (!this.#listeners.signal.aborted && !this.#stopped) setTimeout(() => void this.#read(), 3_000);
    }
  }

  /** @param {{me: string, encounter: string}} state */
  #openBeside({ me, encounter }) {
    if (this.#chat) return;
    const { root } = this.#view;
    this.#chat = new Chat({ call: this.call, me, root, wire: channel, language: document.documentElement.lang });
    this.#chat.addEventListener("unread", (event) => this.#unread(/** @type {CustomEvent<number>} */ (event).detail));
    this.#chat.load().catch(() => {});
    channel.on("note-changed", (message) => { if (message.encounter === encounter) void this.#read(); });
    if (this.#side === "doctor") void openNote(encounter, root);
  }

  /** @param {{state: string, reason: string, finishInMs: number}} now */
  #changed({ state, reason, finishInMs }) {
    this.#state = state;
    if (state === "ended" || state === "failed") return this.#end(reason);
    if (reason === "not-joined") return location.reload();
    this.#view.show("warning", reason);
    this.#view.finishIn(finishInMs);
    this.#draw();
  }

  /** @param {string} reason */
  #end(reason) {
    this.#stopped = true;
    this.#silence();
    this.#chat?.end();
    this.#view.over(reason);
  }

  /** The one state of the line that the page shows, from what the link and the machine say. */
  #draw() {
    if (this.#stopped) return;
    const { other, state } = this.#link;
    if (!this.#entered) this.#view.setLine("opening");
    else if (!other) this.#view.setLine(this.#met ? "empty" : "alone");
    else if (this.#flow === "connected" && state !== "failed") this.#view.setLine("connected");
    else if (this.#met) this.#view.setLine("reconnecting");
    else this.#view.setLine(this.#state === "reconnecting" ? "not-connected" : "connecting");
  }

  // ------------------------------------------------------------ wires

  #wireChannel() {
    /** @param {string} type @param {(message: any) => void} handler */
    const on = (type, handler) => channel.on(/** @type {any} */ (type), (/** @type {any} */ message) => {
      if (!this.#listeners.signal.aborted && (message.call === this.call || message.call === undefined)) handler(message);
    });
    // The channel takes the seat again by itself; if that was refused, we ask.
    on("welcome", ({ resumed }) => { if (!resumed) setTimeout(() => this.#missed(), SEAT); });
    on("entered", (message) => this.#seated(message));
    on("peer-joined", ({ peer }) => this.#joined(peer));
    on("peer-left", ({ peer }) => { if (peer === this.#link.other?.peer) this.#link.left(); });
    on("peer-away", ({ peer }) => { if (peer === this.#link.other?.peer) this.#link.away(); });
    on("peer-media", ({ peer, microphone, camera }) => { if (peer === this.#link.other?.peer) this.#view.theirs(microphone, camera); });
    on("relayed-offer", (message) => this.#link.relayed("offer", message));
    on("relayed-answer", (message) => this.#link.relayed("answer", message));
    on("relayed-candidate", (message) => this.#link.relayed("candidate", message));
    on("call-changed", (message) => this.#changed(message));
    on("call-moved", () => this.#stop("moved"));
    on("chat", (message) => this.#chat?.receive(message));
    on("chat-mark", (message) => this.#chat?.marked(message));
  }

  /** @param {any} message */
  #seated(message) {
    if (message.peer !== this.#link.peer || this.#stopped) return;
    const again = this.#entered;
    this.#entered = true;
    this.#seatedAt = performance.now();
    this.#link.entered(message);
    if (message.peers[0]) this.#view.theirs(message.peers[0].microphone, message.peers[0].camera);
    if (again) {
      void this.#read();
      this.#chat?.again();
    }
    if (this.#flow) this.#report(this.#flow);
    this.#draw();
  }

  /** @param {any} peer */
  #joined(peer) {
    if (peer.peer === this.#link.peer) return;
    if (this.#link.other?.participant !== peer.participant) chime();
    this.#link.joined(peer);
    this.#view.theirs(peer.microphone, peer.camera);
  }

  #wireLink() {
    const link = this.#link;
    link.addEventListener("state", () => this.#draw());
    link.addEventListener("people", () => {
      this.#view.fillPeople(link.other ? [link.other] : []);
      if (!link.other) this.#flow = "";
      this.#draw();
    });
    link.addEventListener("track", () => this.#play());
    link.addEventListener("flow", (event) => this.#flows(/** @type {CustomEvent<string>} */ (event).detail));
    link.addEventListener("look", (event) => this.#looks(/** @type {CustomEvent} */ (event).detail));
    link.addEventListener("figures", (event) => {
      const quality = { .../** @type {CustomEvent} */ (event).detail, rung: this.#view.root.dataset.picture ?? "" };
      quality.bytesUsed = Math.round(quality.bytesUsed);
      channel.send({ type: "measured", id: crypto.randomUUID(), call: this.call, quality }).catch(() => {});
    });
  }

  /** @param {string} flow */
  #flows(flow) {
    this.#flow = flow;
    if (flow === "connected") this.#met = true;
    this.#report(flow);
    this.#draw();
  }

  /** @param {string} flow */
  #report(flow) {
    const media = flow === "connected" ? "connected" : "lost";
    channel.send({ type: "media-report", id: crypto.randomUUID(), call: this.call, media }).catch(() => {});
  }

  /** @param {{picture: string, kbps: number}} look */
  #looks({ picture, kbps }) {
    this.#view.root.dataset.picture = picture;
    this.#view.show("picture", picture);
    this.#view.kbps(kbps);
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

  #wireButtons() {
    const { signal } = this.#listeners;
    const { root } = this.#view;
    /** @param {string} selector @param {() => unknown} deed */
    const press = (selector, deed) => {
      for (const button of root.querySelectorAll(selector)) button.addEventListener("click", () => void deed(), { signal });
    };
    press("[data-toggle=audio]", () => this.#media.set("audio", !this.#media.isOn("audio")));
    press("[data-toggle=video]", () => this.#media.set("video", !this.#media.isOn("video")));
    press("[data-leave]", () => this.#leave());
    press("[data-return]", () => this.#return(false));
    press("[data-take-over]", () => this.#return(true));
    press("[data-retry]", () => this.#link.rebuild());
    press("[data-unlock]", () => this.#play());
    press("[data-finish-case]", () => this.#move("finish"));
    press("[data-unfinish]", () => this.#move("unfinish"));
    press("[data-chat-open]", () => this.#turnChat());
    wireDevices(root, this.#media, signal);
    addEventListener("popstate", () => this.#back(), { signal });
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); }, { signal });
    root.querySelector("dialog[data-leaving]")?.addEventListener("close", (event) => {
      if (/** @type {HTMLDialogElement} */ (event.target).returnValue === "leave") this.#leave();
    }, { signal });
  }

  /** @param {"finish" | "unfinish"} deed */
  async #move(deed) {
    try {
      this.#changed(await post(`/calls/${this.call}/${deed}`));
    } catch {
      void this.#read();
    }
  }

  /** @param {number} number */
  #unread(number) {
    for (const place of this.#view.root.querySelectorAll("[data-fill=unread]")) {
      place.textContent = number ? String(number) : "";
      if (place instanceof HTMLElement) place.hidden = number === 0;
    }
  }

  #turnChat() {
    const { root } = this.#view;
    const shown = root.toggleAttribute("data-chat-shown");
    root.querySelector("[data-chat-open]")?.setAttribute("aria-expanded", String(shown));
    root.dispatchEvent(new CustomEvent("turned"));
  }

  #ours() {
    for (const kind of /** @type {Kind[]} */ (["audio", "video"])) {
      this.#view.ours(kind, this.#media.isOn(kind), this.#media.faults[kind]);
    }
    this.#view.own.srcObject = this.#media.stream;
    if (!this.#entered || this.#stopped) return;
    channel.send({
      type: "media-state", id: crypto.randomUUID(), call: this.call,
      microphone: this.#media.isOn("audio"), camera: this.#media.isOn("video"),
    }).catch(() => {});
  }

  #address() {
    const address = `/calls/${this.call}`;
    if (location.pathname !== address) history.pushState({ call: this.call }, "", address);
  }

  /** The back button leads out of the page, not out of the call: it asks first. */
  #back() {
    if (location.pathname === `/calls/${this.call}`) return;
    if (this.#stopped) return location.reload();
    this.#address();
    const dialog = this.#view.root.querySelector("dialog[data-leaving]");
    if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
  }
}

/** Puts the call in the place of the page; what rings and what warns stays above it. @param {HTMLElement} root */
function lay(root) {
  document.querySelector("[data-call-root]")?.remove();
  for (const element of document.querySelectorAll("body > .bar, body > main")) {
    if (!(element instanceof HTMLElement)) continue;
    element.hidden = true;
    if (element.id === "main") element.id = "before-call";
  }
  document.body.dataset.inCall = "";
  document.body.append(root);
}

/** @param {string} encounter @param {HTMLElement} root */
async function openNote(encounter, root) {
  const panel = root.querySelector("#note");
  if (!(panel instanceof HTMLElement) || panel.childElementCount === 0) return;
  const note = await import(/** @type {any} */ ("../note.js")).catch(() => null);
  await note?.openNote({ encounter, root: panel });
}
