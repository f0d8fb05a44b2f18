/**
 * The chat beside a call. A line has its id from the moment it is typed, so that cutting the line says it once; the channel
 * keeps what is not acknowledged. Emits `unread` with a number.
 */

import { clone, fill, find } from "../dom.js";
import { getUntilAnswered } from "../http.js";
import { timeOfDay } from "../time.js";
import { channel } from "../wire.js";
import { inTime } from "./lines.js";

/**
 * @typedef {{id: string, number: number, mine: boolean, name: string, text: string, sentAt: string, mark: Mark}} Line
 * @typedef {"sending" | "sent" | "delivered" | "seen" | "refused"} Mark
 * @typedef {{send: (message: any) => Promise<unknown>}} Wire
 */

const ORDER = ["refused", "sending", "sent", "delivered", "seen"];

/** @param {import("./features.js").Scene} scene */
export async function wireChat({ call, root, view, say, known, signal }) {
  const chat = new Chat({ call, root, wire: channel, signal }); // at once: what was typed early is said now
  const { me } = await known;
  if (signal.aborted) return;
  chat.me = me;
  /** @param {"chat" | "chat-mark"} type @param {(message: any) => void} deed */
  const on = (type, deed) => signal.addEventListener("abort", channel.on(type, (message) => { if (message.call === call) deed(message); }));
  on("chat", (message) => chat.receive(message));
  on("chat-mark", (message) => chat.marked(message));
  chat.addEventListener("unread", (event) => view.unread(/** @type {CustomEvent<number>} */ (event).detail));
  root.addEventListener("seated", () => chat.again(), { signal });
  root.addEventListener("over", () => chat.end(), { signal });
  // Before the seat is ours nobody tells us of a line: what is read before it is read in vain.
  if (view.line === "over") chat.end();
  else if (say.isSeated) chat.again();
}

export class Chat extends EventTarget {
  /** Our participant; "" before the server has said so. */
  me = "";
  #call;
  #root;
  #wire;
  #list;
  /** @type {Map<string, {row: HTMLElement, line: Line}>} */ #rows = new Map();
  #arrived = 0;
  #seen = 0;
  #signal;

  /** @param {{call: string, root: HTMLElement, wire: Wire, signal: AbortSignal}} options */
  constructor({ call, root, wire, signal }) {
    super();
    this.#call = call;
    this.#root = root;
    this.#wire = wire;
    this.#signal = signal;
    this.#list = find(root, "[data-lines]", HTMLElement);
    this.#listen();
  }

  /** No more lines may be written. */
  end() {
    find(this.#root, "form[data-say]", HTMLFormElement).hidden = true;
    find(this.#root, "[data-chat='closed']", HTMLElement).hidden = false;
    void this.#load();
  }

  /** Everything said so far, from the server; what is on its way here stays. */
  async #load() {
    const found = await getUntilAnswered(`/calls/${this.#call}/messages`, { signal: this.#signal }).catch(() => null);
    if (!found) return;
    const { messages, voiceNotes } = found;
    if (voiceNotes > 0) this.#root.dispatchEvent(new Event("spoken"));
    for (const line of /** @type {Line[]} */ (messages)) this.#put(line);
    this.#report();
  }

  /** @param {{id: string, number: number, participant: string, name: string, text: string, sentAt: string}} message */
  receive({ id, number, participant, name, text, sentAt }) {
    this.#put({ id, number, mine: participant === this.me, name, text, sentAt, mark: "sent" });
    this.#report();
  }

  /** The other side has it, or has seen it. @param {{participant: string, number: number, seen: boolean}} mark */
  marked({ participant, number, seen }) {
    if (participant === this.me) return;
    for (const { row, line } of this.#rows.values()) {
      if (line.mine && line.number > 0 && line.number <= number) this.#mark(row, line, seen ? "seen" : "delivered");
    }
  }

  #listen() {
    const signal = this.#signal;
    const form = find(this.#root, "form[data-say]", HTMLFormElement);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const input = find(form, "input", HTMLInputElement);
      const text = input.value.trim().normalize("NFC");
      if (text) this.#say(crypto.randomUUID(), text);
      input.value = "";
    }, { signal });
    document.addEventListener("visibilitychange", () => this.#report(), { signal });
    this.#root.addEventListener("turned", () => this.#report(), { signal });
  }

  /** The seat was taken, perhaps anew: what was refused meanwhile is said now, and what was said to nobody here is read. */
  again() {
    for (const { line } of [...this.#rows.values()]) if (line.mark === "refused") this.#retry(line.id);
    void this.#load();
  }

  /** @param {string} id @param {string} text */
  #say(id, text) {
    this.#put({ id, number: 0, mine: true, name: "", text, sentAt: new Date().toISOString(), mark: "sending" });
    this.#wire.send({ type: "say", id, call: this.#call, text }).catch(() => this.#refuse(id));
  }

  /** @param {string} id */
  #refuse(id) {
    const kept = this.#rows.get(id);
    if (!kept || kept.line.mark !== "sending") return;
    this.#mark(kept.row, kept.line, "refused");
    find(kept.row, "button", HTMLButtonElement).addEventListener("click", () => this.#retry(id), { once: true });
  }

  /** A refused command had no effect, and its id is spent: the line gets a new one. @param {string} id */
  #retry(id) {
    const kept = this.#rows.get(id);
    if (!kept || kept.line.mark !== "refused") return;
    this.#rows.delete(id);
    kept.row.remove();
    this.#say(crypto.randomUUID(), kept.line.text);
  }

  /** @param {Line} line */
  #put(line) {
    const known = this.#rows.get(line.id);
    const row = known?.row ?? clone("call-said");
    const kept = known ? Object.assign(known.line, line, { mark: known.line.mark }) : line;
    this.#rows.set(line.id, { row, line: kept });
    fill(row, { name: line.name && `${line.name}:`, text: line.text, time: this.#time(line) });
    this.#mark(row, kept, line.mark);
    row.dataset.at = kept.number ? String(Date.parse(kept.sentAt)) : "";
    if (!known) this.#list.append(row);
    inTime(this.#list);
    this.#list.scrollTop = this.#list.scrollHeight;
  }

  /** Marks only ever rise, but for a line that is tried again. @param {HTMLElement} row @param {Line} line @param {Mark} mark */
  #mark(row, line, mark) {
    const rises = ORDER.indexOf(mark) > ORDER.indexOf(line.mark);
    if (rises || (mark === "refused" && line.mark === "sending")) line.mark = mark;
    for (const word of row.querySelectorAll("[data-mark]")) {
      if (word instanceof HTMLElement) word.hidden = !line.mine || word.dataset.mark !== line.mark;
    }
  }

  /** Tells the other side what has arrived here and what is in view. */
  #report() {
    const theirs = [...this.#rows.values()].filter(({ line }) => !line.mine);
    const last = Math.max(0, ...theirs.map(({ line }) => line.number));
    const inView = !document.hidden && this.#list.checkVisibility();
    if (last > this.#seen && inView) {
      this.#seen = this.#arrived = last;
      this.#tell(last, true);
    } else if (last > this.#arrived) {
      this.#arrived = last;
      this.#tell(last, false);
    }
    this.dispatchEvent(new CustomEvent("unread", { detail: theirs.filter(({ line }) => line.number > this.#seen).length }));
  }

  /** @param {number} number @param {boolean} seen */
  #tell(number, seen) {
    this.#wire.send({ type: "chat-seen", id: crypto.randomUUID(), call: this.#call, number, seen }).catch(() => {});
  }

  /** @param {Line} line */
  #time({ sentAt, mine }) {
    const time = timeOfDay(new Date(sentAt));
    return mine ? `${time} · ` : time;
  }
}
