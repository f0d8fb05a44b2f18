/** The saver switch: one per device, whoever turns it. */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @type {(event: {key: string}) => void} */
let inAnotherTab = () => {};
Object.assign(globalThis, { addEventListener: (/** @type {string} */ _type, /** @type {any} */ handler) => { inAnotherTab = handler; } });
const { Saver } = await import("../../web/static/js/saver.js");

function device() {
  const kept = new Map();
  const store = /** @type {any} */ ({
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: kept.set.bind(kept), removeItem: kept.delete.bind(kept),
  });
  return { store, kept };
}

test("a device saves nothing until somebody asks, and remembers it then", () => {
  const { store, kept } = device();

  assert.equal(new Saver(store).get(), false);
  new Saver(store).set(true);

  assert.equal(new Saver(store).get(), true);
  new Saver(store).set(false);
  assert.equal(new Saver(store).get(), false);
  assert.equal(kept.size, 0);
});

test("a turn is told once, also one in another tab", () => {
  const { store } = device();
  const saver = new Saver(store);
  let told = 0;
  saver.addEventListener("change", () => { told += 1; });

  saver.set(true);
  saver.set(true);
  inAnotherTab({ key: "something else" });
  assert.equal(told, 1);

  inAnotherTab({ key: "saver" });
  assert.equal(told, 2);
});
