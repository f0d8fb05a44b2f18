/** What comes late to a call: scripts that are asked for until they arrive, and presses that wait for them. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";

class Form extends EventTarget {
  asked = 0;
  closest() { return this; }
  /** @param {string} selector */
  matches(selector) { return selector.includes("form"); }
  requestSubmit() { this.asked += 1; }
}
Object.assign(globalThis, { HTMLFormElement: Form });
const { keep, load, reached, settled } = await import("../../web/static/js/call/late.js");

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A root that hears what is pressed on something below it. */
class Root extends EventTarget {
  /** @param {string} type @param {unknown} target */
  press(type, target) {
    const event = new Event(type, { cancelable: true });
    Object.defineProperty(event, "target", { value: target });
    this.dispatchEvent(event);
    return event;
  }
}

test("a script that does not arrive is asked for again until it does", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let asked = 0;
  const wanted = load(() => ++asked < 3 ? Promise.reject(new Error("no line")) : Promise.resolve("script"), new AbortController().signal);

  for (let times = 0; times < 2; times++) {
    await turn();
    mock.timers.tick(2_000);
  }

  assert.equal(await wanted, "script");
  assert.equal(asked, 3);
  mock.timers.reset();
});

test("a page that closed asks for nothing and gets nothing", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const page = new AbortController();
  let asked = 0, arrived = false;
  void load(() => { asked += 1; return Promise.reject(new Error("no line")); }, page.signal).then(() => { arrived = true; });
  await turn();

  page.abort();
  mock.timers.tick(10_000);
  await turn();

  assert.deepEqual([asked, arrived], [1, false]);
  mock.timers.reset();
});

test("a call has settled two seconds after the first media, or after eight without any", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const heard = new EventTarget(), silent = new EventTarget();
  /** @type {string[]} */ const told = [];
  void settled(heard).then(() => told.push("heard"));
  void settled(silent).then(() => told.push("silent"));

  mock.timers.tick(1_000);
  heard.dispatchEvent(new Event("flow"));
  mock.timers.tick(1_999);
  await turn();
  assert.deepEqual(told, []);

  mock.timers.tick(1);
  await turn();
  assert.deepEqual(told, ["heard"]);

  mock.timers.tick(5_000);
  await turn();
  assert.deepEqual(told, ["heard", "silent"]);
  mock.timers.reset();
});

test("whoever points at a place wants what is in it", async () => {
  const place = new EventTarget();
  const wanted = reached(/** @type {any} */ (place), "pointerdown", "focusin");

  place.dispatchEvent(new Event("focusin"));

  await wanted;
});

test("what is pressed early is kept, presses nothing else, and is pressed once when its script is there", async () => {
  const root = new Root(), form = new Form(), kept = keep(/** @type {any} */ (root), "form[data-say]");

  const [first, second] = [root.press("submit", form), root.press("submit", form)];
  await kept.wanted;
  assert.deepEqual([first.defaultPrevented, second.defaultPrevented, form.asked], [true, true, 0]);

  kept.release();

  assert.equal(form.asked, 1);
  assert.equal(root.press("submit", form).defaultPrevented, false);
});

test("what is none of its business passes", () => {
  const root = new Root();
  keep(/** @type {any} */ (root), "[data-devices-open]");

  assert.equal(root.press("submit", new Form()).defaultPrevented, false);
  assert.equal(root.press("click", { closest: () => null }).defaultPrevented, false);
});
