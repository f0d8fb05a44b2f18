/** JSON over HTTP: clear errors, and patience for writes that may be repeated. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { HttpError, get, post, put } from "../../web/static/js/http.js";

/** @type {{address: string, options: any}[]} */
let asked = [];
/** @type {(() => Response)[]} */
let answers = [];

globalThis.addEventListener ??= () => {};
globalThis.removeEventListener ??= () => {};

beforeEach(() => {
  asked = [];
  answers = [];
  Math.random = () => 0;
  globalThis.fetch = /** @type {any} */ (async (address, options) => {
    asked.push({ address, options });
    const answer = answers.shift();
    if (!answer) throw new TypeError("fetch failed");
    return answer();
  });
});

const json = (status, content) => () =>
  new Response(JSON.stringify(content), { status, headers: { "Content-Type": "application/json; charset=utf-8" } });

test("a success gives its content", async () => {
  answers = [json(200, { call: "c1" })];

  assert.deepEqual(await post("/requests/r1/accept"), { call: "c1" });
  assert.equal(asked[0].options.headers.Accept, "application/json");
});

test("a refusal bears its code, its sentence and a sentence per field", async () => {
  answers = [json(422, { error: "invalid", message: "Có chỗ điền chưa đúng", fields: { pulse: "Chỗ này cần một con số." } })];

  await assert.rejects(post("/x"), (error) => error instanceof HttpError && error.status === 422 && error.code === "invalid"
    && error.message === "Có chỗ điền chưa đúng" && error.fields.pulse === "Chỗ này cần một con số." && !error.mayPass);
});

test("a server that is not reached is told apart from one that refuses", async () => {
  await assert.rejects(get("/x"), (error) => error instanceof HttpError && error.status === 0 && error.mayPass);
});

test("an error page in place of JSON is an error too", async () => {
  answers = [() => new Response("<h1>…</h1>", { status: 502, headers: { "Content-Type": "text/html" } })];

  await assert.rejects(get("/x"), (error) => error instanceof HttpError && error.status === 502 && error.mayPass);
});

test("a write that may be repeated is repeated until it arrives", async () => {
  answers = [json(503, { error: "unavailable" }), json(200, { saved: true })];
  let waits = 0;

  const content = await put("/encounters/e1/intake", { text: "ho" }, { onWait: () => { waits += 1; } });

  assert.deepEqual(content, { saved: true });
  assert.equal(waits, 1);
  assert.deepEqual(asked.map(({ options }) => options.body), ['{"text":"ho"}', '{"text":"ho"}']);
});

test("a write that is refused for good is not repeated", async () => {
  answers = [json(409, { error: "already-signed" }), json(200, {})];

  await assert.rejects(put("/x", {}), (error) => error instanceof HttpError && error.code === "already-signed");
  assert.equal(asked.length, 1);
});

test("whoever gives up waiting is not kept", async () => {
  const giving = new AbortController();
  answers = [json(503, { error: "unavailable" })];

  await assert.rejects(put("/x", {}, { signal: giving.signal, onWait: () => giving.abort() }));
  assert.ok(asked.length <= 2);
});
