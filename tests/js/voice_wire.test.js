/** A clip goes out piece by piece, and a sound comes in from wherever it was cut. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

Object.assign(globalThis, { addEventListener: () => {}, removeEventListener: () => {} });
const { HttpError } = await import("../../web/static/js/http.js");
const { fetchSound, sendPiece } = await import("../../web/static/js/call/voice_wire.js");

/** @type {{address: string, options: any}[]} */ let asked;
/** @type {((options: any) => Response | Error)[]} */ let answers;
const signal = new AbortController().signal;

beforeEach(() => {
  asked = [];
  answers = [];
  globalThis.fetch = async (address, options) => {
    asked.push({ address: String(address), options });
    const answer = answers.shift()?.(options) ?? new Error("no answer");
    if (answer instanceof Error) throw answer;
    return answer;
  };
});

/** A body of `text` that breaks off after it when `cut`. @param {string} text */
function body(text, cut = false) {
  return new ReadableStream({
    start(stream) {
      stream.enqueue(new TextEncoder().encode(text));
      if (!cut) stream.close();
    },
    pull(stream) { if (cut) stream.error(new Error("cut")); },
  });
}

/** @param {string} text @param {number} length */
function sound(text, length, { status = 200, cut = false } = {}) {
  return new Response(body(text, cut), { status, headers: { "Content-Type": "audio/webm", "Content-Length": String(length) } });
}

/** @type {string[]} */ let seen = [];
const options = { signal, onProgress: (/** @type {number} */ percent) => seen.push(String(percent)), onWait: () => seen.push("wait") };

test("a piece says where it begins, the last one says what the clip is", async () => {
  answers = [() => Response.json({ received: 3 }), () => Response.json({ kept: true }, { status: 201 })];

  const first = await sendPiece("call", { note: "note", offset: 0, content: new Blob(["abc"]) }, signal);
  const last = await sendPiece("call", { note: "note", offset: 3, content: new Blob(["d"]), last: { total: 4, number: 2, length: 900, age: 5 } }, signal);

  assert.deepEqual([first, last], [{ received: 3 }, { kept: true }]);
  assert.deepEqual(asked.map(({ address }) => address), [
    "/calls/call/voice-notes/note?offset=0", "/calls/call/voice-notes/note?offset=3&total=4&number=2&length=900&age=5"]);
  assert.equal(asked[0]?.options.method, "PUT");
});

test("a gap is an answer, every other refusal an error", async () => {
  answers = [
    () => Response.json({ error: "gap", received: 7 }, { status: 409 }),
    () => Response.json({ error: "out-of-order" }, { status: 409 }), () => new Error("no line"),
  ];
  const piece = { note: "note", offset: 9, content: new Blob(["x"]) };

  assert.deepEqual(await sendPiece("call", piece, signal), { received: 7 });
  await assert.rejects(sendPiece("call", piece, signal), (error) => error instanceof HttpError && error.code === "out-of-order");
  await assert.rejects(sendPiece("call", piece, signal), (error) => error instanceof HttpError && error.mayPass);
});

test("a sound that is cut twice goes on where it was cut", async () => {
  seen = [];
  answers = [
    () => sound("abcd", 10, { cut: true }), () => sound("efg", 6, { status: 206, cut: true }), () => new Error("no line"),
    () => sound("hij", 3, { status: 206 }),
  ];

  const found = await fetchSound("note", options);

  assert.equal(await found.text(), "abcdefghij");
  assert.equal(found.type, "audio/webm");
  assert.deepEqual(asked.map(({ options }) => options.headers.Range), [undefined, "bytes=4-", "bytes=7-", "bytes=7-"]);
  assert.deepEqual(seen, ["40", "wait", "70", "wait", "wait", "100"]);
});

test("a server that knows no ranges begins anew", async () => {
  answers = [() => sound("abcd", 6, { cut: true }), () => sound("abcdef", 6)];

  assert.equal(await (await fetchSound("note", options)).text(), "abcdef");
});

test("a sound that ends too early is not complete", async () => {
  answers = [() => sound("abc", 6), () => sound("def", 3, { status: 206 })];

  assert.equal(await (await fetchSound("note", options)).text(), "abcdef");
});

test("what is refused for good is not asked for again", async () => {
  answers = [() => Response.json({ error: "not-found" }, { status: 404 })];

  await assert.rejects(fetchSound("note", options), (error) => error instanceof HttpError && error.status === 404);
  assert.equal(asked.length, 1);
});
