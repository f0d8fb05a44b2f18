/** Clips reach the server in the order of speaking, from wherever they were cut, once, and none is lost. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const { HttpError } = await import("../../web/static/js/http.js");
const { Outbox } = await import("../../web/static/js/call/voice_outbox.js");

/** A server that keeps what it has in memory until a clip is complete, as ours does. */
class Server {
  /** @type {Map<string, string>} */ unfinished = new Map();
  /** @type {{id: string, text: string, number: number, length: number}[]} */ kept = [];
  /** @type {((piece: any) => void)[]} what happens before the next pieces arrive; may throw */ before = [];
  /** @type {((piece: any) => void)[]} what happens to the next answers; may throw */ after = [];
  /** @type {string[]} */ log = [];

  /** @param {any} piece */
  async put(piece) {
    const text = await piece.content.text();
    this.before.shift()?.(piece);
    this.log.push(`${piece.offset}+${text.length}`);
    const answer = this.#take(piece, text);
    this.after.shift()?.(piece);
    return answer;
  }

  /** @param {any} piece @param {string} text */
  #take({ note, offset, last }, text) {
    if (this.kept.some(({ id }) => id === note)) return { kept: true };
    const had = this.unfinished.get(note) ?? "";
    if (offset > had.length) return { received: had.length };
    const has = had + text.slice(had.length - offset);
    this.unfinished.set(note, has);
    if (!last || has.length < last.total) return { received: has.length };
    if (last.number !== this.kept.length + 1) throw new HttpError(409, "out-of-order");
    this.kept.push({ id: note, text: has, number: last.number, length: last.length });
    return { kept: true };
  }
}

/** @type {Server} */ let server;
/** @type {InstanceType<typeof Outbox>} */ let outbox;
/** @type {string[]} */ let states;
let pauses = 0;

beforeEach(() => {
  server = new Server();
  states = [];
  pauses = 0;
  outbox = new Outbox({
    put: (piece) => server.put(numbered(piece)), now: () => 1_000,
    pause: async () => { pauses += 1; await new Promise((resolve) => setImmediate(resolve)); },
  });
  outbox.addEventListener("change", (event) => states.push(/** @type {any} */ (event).detail.state));
});

/** As the page does it: whoever brings a last piece without a number counts first. @param {any} piece */
function numbered(piece) {
  return piece.last?.number === 0 ? { ...piece, last: { ...piece.last, number: server.kept.length + 1 } } : piece;
}

/** A whole clip, already spoken. @param {string} text */
function speak(text, length = 5_000) {
  const clip = outbox.begin();
  outbox.append(clip, new Blob([text]));
  outbox.end(clip, length);
  return clip;
}

/** Until every clip has left. */
async function empty() {
  while (outbox.unsent > 0) await new Promise((resolve) => setImmediate(resolve));
}

const LONG = "abcdefghij".repeat(800); // 8 kB, as ten seconds are

test("a clip goes in pieces and arrives whole, with its number and length", async () => {
  const clip = speak(LONG, 9_871.4);

  await empty();

  assert.deepEqual(server.kept, [{ id: clip.id, text: LONG, number: 1, length: 9_871 }]);
  assert.deepEqual(server.log, ["0+3000", "3000+3000", "6000+2000"]);
  assert.equal(clip.state, "kept");
});

test("three clips arrive in the order of speaking, numbered without a gap after those that were there", async () => {
  server.kept.push({ id: "earlier", text: "", number: 1, length: 1 });

  for (const text of ["one", "two", "three"]) speak(text);
  await empty();

  assert.deepEqual(server.kept.slice(1).map(({ text, number }) => [text, number]), [["one", 2], ["two", 3], ["three", 4]]);
  assert.equal(pauses, 0);
});

test("it is sent while it is still being spoken, and complete soon after", async () => {
  const clip = outbox.begin();
  for (let second = 0; second < 4; second++) {
    outbox.append(clip, new Blob([LONG.slice(0, 1_000)]));
    await new Promise((resolve) => setTimeout(resolve));
  }

  assert.deepEqual(server.log, ["0+1999", "1999+2000"]);
  assert.equal(server.kept.length, 0);
  outbox.end(clip, 4_000);
  await empty();
  assert.equal(server.kept[0]?.text.length, 4_000);
});

test("an answer that is lost is asked for again, and the clip is there once", async () => {
  server.after = [() => { throw new HttpError(0, "unreachable"); }, () => {}, () => {}, () => { throw new HttpError(503, "unavailable"); }];

  const clip = speak(LONG);
  await empty();

  assert.deepEqual(server.kept.map(({ id, text }) => [id, text]), [[clip.id, LONG]]);
  assert.ok(states.includes("waiting"));
  assert.equal(pauses, 2);
});

test("a server that was killed in the middle and forgot everything gets it from the beginning", async () => {
  server.before = [() => {}, () => {}, () => server.unfinished.clear()];

  speak(LONG);
  await empty();

  assert.equal(server.kept[0]?.text, LONG);
  assert.deepEqual(server.log.slice(2), ["6000+2000", "0+3000", "3000+3000", "6000+2000"]);
});

test("a number that another tab has taken is counted anew", async () => {
  server.before = [() => server.kept.push({ id: "other tab", text: "", number: 1, length: 1 })];

  speak("two");
  await empty();

  assert.deepEqual(server.kept.map(({ number }) => number), [1, 2]);
});

test("a clip that is given up is not sent, and the next one takes its number", async () => {
  const clip = outbox.begin();
  outbox.append(clip, new Blob([LONG]));
  outbox.cancel(clip);
  speak("again");
  await empty();

  assert.deepEqual(server.kept.map(({ text, number }) => [text, number]), [["again", 1]]);
});

test("what is refused for good makes way, and goes when somebody asks once more", async () => {
  server.before = [() => { throw new HttpError(409, "encounter-over"); }];

  const refused = speak("one");
  speak("two");
  await empty();
  assert.equal(refused.state, "refused");
  assert.deepEqual(server.kept.map(({ text }) => text), ["two"]);

  outbox.again(refused);
  outbox.again(refused);
  await empty();
  assert.deepEqual(server.kept.map(({ text, number }) => [text, number]), [["two", 1], ["one", 2]]);
});

test("a nudge ends a wait for an answer that will not come, and leaves a young one alone", async () => {
  let now = 0;
  const put = server.put.bind(server);
  /** @type {AbortSignal | undefined} */ let waiting;
  outbox = new Outbox({
    put: (piece, signal) => (waiting ? put(numbered(piece)) : new Promise((_, reject) => {
      waiting = signal;
      signal.addEventListener("abort", () => reject(new HttpError(0, "unreachable")));
    })),
    now: () => now, pause: async () => {},
  });

  speak("one");
  while (!waiting) await new Promise((resolve) => setImmediate(resolve));
  now = 7_000;
  outbox.nudge();
  assert.equal(waiting.aborted, false);
  now = 9_000;
  outbox.nudge();
  await empty();

  assert.equal(server.kept[0]?.text, "one");
});

test("a page that closes sends nothing more", async () => {
  server.before = [() => outbox.close()];

  speak(LONG);
  await new Promise((resolve) => setTimeout(resolve));

  assert.deepEqual(server.log, ["0+3000"]);
  assert.equal(outbox.unsent, 1);
});
