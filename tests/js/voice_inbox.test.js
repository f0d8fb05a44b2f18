/** Voice notes are fetched once, played in order, never over live voice, and told to whoever spoke. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const { Inbox } = await import("../../web/static/js/call/voice_inbox.js");

/** @type {string[]} */ let log;
/** @type {InstanceType<typeof Inbox>} */ let inbox;
/** @type {boolean} */ let mayPlay;
/** @type {Map<string, (sound: Blob) => void>} downloads that wait for us */ let held;
/** @type {((end: "ended" | "stopped" | "blocked") => void) | null} */ let playing;

beforeEach(() => {
  log = [];
  mayPlay = true;
  held = new Map();
  playing = null;
  inbox = new Inbox({
    download: (id) => { log.push(`fetch ${id}`); return new Promise((resolve, reject) => held.set(id, (sound) => sound.size ? resolve(sound) : reject(new Error("gone")))); },
    play: async (sound) => { log.push(`play ${await sound.text()}`); return new Promise((resolve) => { playing = resolve; }); },
    stop: () => end("stopped"), mayPlay: () => mayPlay, tell: (id, heard) => log.push(`${heard ? "heard" : "arrived"} ${id}`),
  });
});

/** @param {"ended" | "stopped" | "blocked"} how */
function end(how) {
  const ended = playing;
  playing = null;
  ended?.(how);
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

/** @param {string} id @param {number} number @returns {any} */
function note(id, number, more = {}) {
  return { id, number, participant: "nurse", mine: false, name: "", lengthMs: 5_000, spokenAt: `2026-11-25T08:00:0${number}`, mark: "sent", ...more };
}

/** @param {string} id */
async function arrive(id, text = id) {
  held.get(id)?.(new Blob([text]));
  await settle();
}

test("notes are fetched one after the other, played in order, and both sides are told", async () => {
  inbox.take(note("a", 1));
  inbox.take(note("b", 2));
  await arrive("a");
  await arrive("b");
  end("ended");
  await settle();
  end("ended");
  await settle();

  assert.deepEqual(log, ["fetch a", "arrived a", "fetch b", "play a", "arrived b", "heard a", "play b", "heard b"]);
});

test("a later note that is here first waits for the one before", async () => {
  let gaps = 0;
  inbox.addEventListener("gap", () => { gaps += 1; });

  inbox.take(note("b", 2));
  await arrive("b");
  assert.equal(gaps, 1);
  assert.deepEqual(log, ["fetch b", "arrived b"]);

  inbox.take(note("a", 1));
  await arrive("a");
  end("ended");
  await settle();
  assert.deepEqual(log.slice(2), ["fetch a", "arrived a", "play a", "heard a", "play b"]);
});

test("a note announced twice, or listed again, is one note", async () => {
  inbox.take(note("a", 1));
  inbox.take(note("a", 1));
  await arrive("a");
  inbox.take(note("a", 1));
  end("ended");
  await settle();
  inbox.take(note("a", 1));
  await settle();

  assert.deepEqual(log, ["fetch a", "arrived a", "play a", "heard a"]);
  assert.equal(inbox.notes.length, 1);
});

test("nothing begins over live voice; it begins when voice is gone", async () => {
  mayPlay = false;
  inbox.take(note("a", 1));
  await arrive("a");
  assert.deepEqual(log, ["fetch a", "arrived a"]);

  mayPlay = true;
  inbox.wake();
  await settle();
  assert.equal(log.at(-1), "play a");
});

test("when voice is back, what still waits stays silent", async () => {
  inbox.take(note("a", 1));
  inbox.take(note("b", 2));
  await arrive("a");
  await arrive("b");
  mayPlay = false;
  end("ended");
  await settle();

  assert.equal(log.at(-1), "heard a");
  assert.equal(inbox.unheard, 1);
});

test("over live voice a click plays it all the same", async () => {
  mayPlay = false;
  inbox.take(note("a", 1));
  await arrive("a");

  inbox.hear("a");
  await settle();
  assert.equal(log.at(-1), "play a");
});

test("what somebody stops does not begin again by itself", async () => {
  inbox.take(note("a", 1));
  await arrive("a");

  inbox.hear("a");
  await settle();
  inbox.wake();
  await settle();

  assert.deepEqual(log, ["fetch a", "arrived a", "play a"]);
  assert.equal(inbox.unheard, 1);
});

test("where the browser wants a click first, the notes wait for it", async () => {
  inbox.take(note("a", 1));
  await arrive("a");
  end("blocked");
  await settle();
  inbox.wake();
  await settle();
  assert.deepEqual(log, ["fetch a", "arrived a", "play a"]);

  inbox.wake({ clicked: true });
  await settle();
  assert.deepEqual(log.slice(3), ["play a"]);
});

test("what was heard before, and our own, is fetched only when somebody wants to hear it", async () => {
  inbox.take(note("old", 1, { mark: "heard" }));
  inbox.take(note("own", 1, { participant: "doctor", mine: true, mark: "arrived" }));
  await settle();
  assert.deepEqual(log, []);

  inbox.hear("old");
  await arrive("old");
  end("ended");
  await settle();
  assert.deepEqual(log, ["fetch old", "play old"]);
});

test("our own clip is played from memory, also when it was announced before it was acknowledged", async () => {
  inbox.here("mine", new Blob(["mine"]));
  inbox.take(note("mine", 1, { participant: "doctor", mine: true }));

  inbox.hear("mine");
  await settle();
  end("ended");
  await settle();

  assert.deepEqual(log, ["play mine"]);
});

test("one that cannot be opened does not hold up the next", async () => {
  inbox.take(note("a", 1));
  inbox.take(note("b", 2));
  held.get("a")?.(new Blob([]));
  await settle();
  await arrive("b");

  assert.equal(inbox.notes[0]?.state, "failed");
  assert.deepEqual(log, ["fetch a", "fetch b", "arrived b", "play b"]);
});

test("marks only rise", () => {
  inbox.take(note("own", 1, { mine: true }));
  inbox.mark("own", "heard");
  inbox.mark("own", "arrived");
  inbox.mark("unknown", "heard");

  assert.equal(inbox.notes[0]?.mark, "heard");
});
