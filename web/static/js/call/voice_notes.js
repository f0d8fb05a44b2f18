/** Voice notes in a call: records, sends, fetches and plays; what each part does is its own business. Loaded when it is wanted. */

import { find } from "../dom.js";
import { get, pause } from "../http.js";
import { channel } from "../wire.js";
import { Inbox } from "./voice_inbox.js";
import { Forward } from "./voice_forward.js";
import { Outbox } from "./voice_outbox.js";
import { Panel } from "./voice_panel.js";
import { Player } from "./voice_player.js";
import { Recorder } from "./voice_recorder.js";
import { Rows } from "./voice_rows.js";
import { Ways } from "./voice_ways.js";
import { fetchSound, sendPiece } from "./voice_wire.js";

/** @import {Clip} from "./voice_outbox.js" */
/** @import {Held, Note} from "./voice_inbox.js" */
/** @import {Piece} from "./voice_wire.js" */
/** @import {Why} from "./voice_panel.js" */

const THIN = 8_000;     // bits per second: ten seconds are about 11 kB
const OUT = ["left", "over", "moved", "elsewhere"];     // lines on which nobody goes on speaking here
const GOOD = 20_000;    // where the line carries live voice, a clip may sound better

export class VoiceNotes {
  #scene;
  #isVoiceLive;
  #recorder = new Recorder();
  #player;
  #ways;
  #outbox;
  #forward;
  #inbox;
  #panel;
  #rows;
  /** @type {Clip | null} */ #speaking = null;
  #me = "";
  #isReading = false;
  #isStale = false;     // what is being read was asked for before the seat was ours
  /** @type {any[]} */ #early = [];       // announced before we knew who we are

  /** @param {import("./features.js").Scene} scene @param {() => boolean} isVoiceLive whether the other side can be heard now */
  constructor(scene, isVoiceLive) {
    const { root, signal } = scene;
    this.#scene = scene;
    this.#isVoiceLive = isVoiceLive;
    this.#player = new Player(find(root, "[data-voice-player]", HTMLAudioElement));
    const now = () => performance.now();
    this.#ways = new Ways({ bring: (piece, stop) => this.#bring(piece, stop), courier: () => scene.courier() });
    this.#outbox = new Outbox({ put: (piece, stop) => this.#ways.put(piece, stop), pause, now });
    this.#forward = new Forward({ put: (piece, stop) => this.#bring(piece, stop), pause, now });
    this.#inbox = new Inbox({
      download: fetchSound, play: (sound) => this.#player.play(sound), stop: () => this.#player.stop(),
      mayPlay: () => !this.#isVoiceLive() && !this.#recorder.isOn, tell: (note, heard) => this.#tell(note, heard),
    });
    this.#panel = new Panel(root, {
      isOn: () => this.#recorder.isOn, start: () => void this.#speak(), stop: () => this.#recorder.stop(), cancel: () => this.#recorder.cancel(),
      hear: () => this.#inbox.hearNext(), closed: () => find(root, "[data-voice-open]", HTMLElement).focus(),
    }, signal);
    this.#rows = new Rows(find(root, "[data-lines]", HTMLElement), {
      hear: (id) => this.#inbox.hear(id), again: (clip) => this.#outbox.again(clip),
    });
    this.#listen();
    void this.read();
  }

  /** @param {Why | ""} why "" closes it, unless somebody speaks */
  need(why) {
    if (why) this.#panel.open(why);
    else if (!this.#recorder.isOn) this.#panel.close();
    else if (OUT.includes(this.#scene.view.line)) this.#recorder.stop();
    this.#inbox.wake();
  }

  /** Somebody pressed the quiet button. */
  turn() {
    if (this.#panel.isOpen) return this.#panel.close();
    this.#panel.open("asked");
    this.#panel.focus();
  }

  /** All notes as the server has them; asked again until it answers. */
  async read() {
    if (this.#isReading) return;
    this.#isReading = true;
    const { signal } = this.#scene;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const found = await get(`/calls/${this.#scene.call}/voice-notes`, { signal }).catch(() => null);
      if (found) {
        this.#me = found.me;
        this.#took([...found.notes, ...this.#early.splice(0).map((message) => this.#announced(message))]);
        break;
      }
      await pause(attempt, signal);
    }
    this.#isReading = false;
    if (this.#isStale) this.#seated();
  }

  /** From now on notes are announced here; what was read before may lack some. */
  #seated() {
    this.#isStale = this.#isReading;
    void this.read();
  }

  #listen() {
    const { call, signal } = this.#scene;
    /** @param {any} type @param {(message: any) => void} handler */
    const on = (type, handler) => signal.addEventListener("abort", channel.on(type, (/** @type {any} */ message) => {
      if (message.call === call || message.call === undefined) handler(message);
    }));
    on("voice-note", (message) => { if (this.#me) this.#took([this.#announced(message)]); else this.#early.push(message); });
    on("voice-note-mark", ({ note, heard }) => this.#inbox.mark(note, heard ? "heard" : "arrived"));
    on("welcome", () => this.#outbox.nudge());
    this.#scene.root.addEventListener("seated", () => this.#seated(), { signal });
    this.#hearParts();
    this.#hearCourier();
    addEventListener("online", () => this.#outbox.nudge(), { signal });
    addEventListener("pointerdown", () => this.#inbox.wake({ clicked: true }), { signal });
    addEventListener("keydown", () => this.#inbox.wake({ clicked: true }), { signal });
    addEventListener("beforeunload", (event) => { if (this.#outbox.unsent > 0 || this.#recorder.isOn) event.preventDefault(); }, { signal });
    signal.addEventListener("abort", () => this.#close());
  }

  #hearParts() {
    const { signal } = this.#scene;
    /** @param {EventTarget} source @param {string} name @param {(detail: any) => void} handler */
    const on = (source, name, handler) => source.addEventListener(name, (event) => handler(/** @type {CustomEvent} */ (event).detail), { signal });
    on(this.#outbox, "change", (clip) => this.#sent(clip));
    on(this.#inbox, "change", (held) => this.#showNote(held));
    on(this.#inbox, "gap", () => void this.read());
    on(this.#recorder, "piece", (piece) => this.#speaking && this.#outbox.append(this.#speaking, piece));
    on(this.#recorder, "left", (seconds) => this.#panel.left(seconds));
    on(this.#recorder, "end", (length) => this.#spoke(length));
  }

  #hearCourier() {
    const { root, link, signal } = this.#scene;
    root.addEventListener("clip", (event) => {
      event.preventDefault();
      this.#forward.take(/** @type {CustomEvent} */ (event).detail);
    }, { signal });
    root.addEventListener("clip-kept", (event) => this.#kept(/** @type {CustomEvent<string>} */ (event).detail), { signal });
    link.addEventListener("people", () => { if (!link.other) this.#ways.drop(); }, { signal });
    this.#forward.addEventListener("kept", (event) => {
      const { note, sound } = /** @type {CustomEvent} */ (event).detail;
      this.#scene.courier()?.kept(note);
      this.#inbox.here(note, sound);
    }, { signal });
    link.addEventListener("rung", () => { if (this.#scene.courier()?.isBetter) this.#outbox.nudge(0); }, { signal });
    root.dispatchEvent(new Event("clips-wanted"));
  }

  /** @param {string} note that lies in the record: what is still under way of it is not waited for */
  #kept(note) {
    if (this.#ways.kept(note)) this.#outbox.nudge(0);
  }

  async #speak() {
    const { media } = this.#scene;
    this.#player.stop();
    this.#panel.fault("");
    if (!media.track("audio")) await media.set("audio", true);
    const track = media.track("audio");
    if (!track) return this.#panel.fault("deaf");
    try {
      this.#recorder.start(track, this.#isVoiceLive() && !this.#scene.courier()?.isBetter ? GOOD : THIN);
    } catch {
      return this.#panel.fault("deaf");
    }
    this.#speaking = this.#outbox.begin();
    this.#panel.speaking(true);
  }

  /** @param {number} length milliseconds; 0: nothing to send */
  #spoke(length) {
    const clip = this.#speaking;
    this.#speaking = null;
    this.#panel.speaking(false);
    if (clip && length > 0) this.#outbox.end(clip, length);
    else if (clip) {
      this.#outbox.cancel(clip);
      this.#ways.drop(clip.id);
      this.#rows.remove(clip.id);
      this.#panel.fault("short");
    }
    this.#inbox.wake();
  }

  /** @param {Clip} clip */
  #sent(clip) {
    this.#rows.clip(clip);
    this.#panel.clip(clip, this.#outbox.unsent);
    if (clip.state === "kept") this.#inbox.here(clip.id, new Blob(clip.parts, { type: clip.parts[0]?.type ?? "" }));
  }

  /** @param {Note[]} notes */
  #took(notes) {
    for (const note of notes) this.#inbox.take(note);
    for (const { id } of notes) this.#kept(id);
    const mine = notes.filter(({ mine }) => mine).map(({ number }) => number);
    this.#outbox.counted(Math.max(0, ...mine));
    if (this.#inbox.unheard > 0 && !this.#panel.isOpen) this.#panel.open("new");
  }

  /** @param {any} message @returns {Note} */
  #announced(message) {
    return { ...message, mark: "sent", mine: message.participant === this.#me };
  }

  /** To the server; the last piece with the number that its speaker's next clip bears. @param {Piece} piece @param {AbortSignal} stop */
  async #bring(piece, stop) {
    const { last, speaker } = piece;
    if (!last || last.number > 0) return await sendPiece(this.#scene.call, piece, stop);
    return await sendPiece(this.#scene.call, { ...piece, last: { ...last, number: 1 + await this.#count(speaker) } }, stop);
  }

  /** How many clips of ours, or of this speaker, the server has. @param {string} [speaker] */
  async #count(speaker) {
    const { notes } = await get(`/calls/${this.#scene.call}/voice-notes`, { signal: this.#scene.signal });
    const theirs = /** @type {Note[]} */ (notes).filter(({ mine, participant }) => speaker ? participant === speaker : mine);
    return Math.max(0, ...theirs.map(({ number }) => number));
  }

  /** @param {Held} held */
  #showNote(held) {
    this.#rows.note(held);
    this.#panel.note(held, this.#inbox.unheard);
  }

  /** @param {string} note @param {boolean} heard */
  #tell(note, heard) {
    channel.send({ type: "voice-note-reached", call: this.#scene.call, note, heard }).catch(() => {});
  }

  #close() {
    this.#recorder.cancel();
    this.#outbox.close();
    this.#forward.close();
    this.#inbox.close();
  }
}
