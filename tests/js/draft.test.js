/** What is typed reaches the server once it can, in order, and nothing else is sent. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

/** @type {Map<string, (event: any) => void>} */
const listeners = new Map();
Object.assign(globalThis, {
  addEventListener: (/** @type {string} */ type, /** @type {(event: any) => void} */ handler) => listeners.set(type, handler),
  removeEventListener: () => {},
});
const { Draft, Unsent } = await import("../../web/static/js/draft.js");

/** @type {any[]} what the server was sent */
let sent = [];
/** @type {(() => Response | Error)[]} what it answers next; then always 200 */
let answers = [];

beforeEach(() => {
  sent = [];
  answers = [];
  globalThis.fetch = async (_address, options) => {
    sent.push(JSON.parse(String(options?.body)));
    const answer = answers.shift()?.() ?? Response.json({ version: sent.length });
    if (answer instanceof Error) throw answer;
    return answer;
  };
});

test("several keys in a row are sent once", async () => {
  let text = "";
  const draft = new Draft("/x", () => ({ text }), { pause: 1 });

  for (const key of "ho ") { text += key; draft.changed(); }
  await draft.flush();

  assert.deepEqual(sent, [{ text: "ho " }]);
  assert.equal(draft.state, "saved");
});

test("what is typed while something is on its way follows it", async () => {
  let text = "ho";
  const draft = new Draft("/x", () => ({ text }), { pause: 1 });
  draft.addEventListener("saved", () => { if (text === "ho") { text = "ho sốt"; draft.changed(); } });

  draft.changed();
  await draft.flush();
  await draft.flush();

  assert.deepEqual(sent, [{ text: "ho" }, { text: "ho sốt" }]);
});

test("a line that is down is tried again until the server has it", async () => {
  answers = [() => new TypeError("no line"), () => new Response("", { status: 503 })];
  const unsent = new Unsent();
  const draft = unsent.add(new Draft("/x", () => ({ text: "ho" }), { pause: 1 }));
  /** @type {number[]} */
  const stuck = [];
  unsent.addEventListener("change", () => stuck.push(unsent.stuck));

  draft.changed();
  assert.equal(unsent.count, 1);
  await draft.flush();

  assert.equal(sent.length, 3);
  assert.ok(stuck.includes(1));
  assert.equal(unsent.count, 0);
});

test("a refusal is told with what stands there, and is not tried again", async () => {
  answers = [() => Response.json({ error: "changed", current: { text: "sốt" } }, { status: 409 })];
  const draft = new Draft("/x", () => ({ text: "ho" }), { pause: 1 });
  /** @type {any} */
  let refusal = null;
  draft.addEventListener("refused", (event) => { refusal = /** @type {CustomEvent} */ (event).detail; });

  draft.changed();
  await draft.flush();

  assert.deepEqual([sent.length, draft.state, refusal.code, refusal.current], [1, "refused", "changed", { text: "sốt" }]);
  draft.settle();
  assert.equal(draft.state, "saved");
});

test("a page is not left silently while something is unsent", async () => {
  const unsent = new Unsent();
  const draft = unsent.add(new Draft("/x", () => ({}), { pause: 1 }));
  let asked = 0;
  const leave = () => listeners.get("beforeunload")?.({ preventDefault: () => { asked += 1; } });

  draft.changed();
  leave();
  await draft.flush();
  leave();

  assert.equal(asked, 1);
});
