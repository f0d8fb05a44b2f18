/**
 * Blobs between two pages over a line of our own that loses, reorders, cuts and queues as SCTP over a thin line does; time is
 * virtual. What must hold: whole or not at all, the important parts first, nothing twice after a cut, nothing beside the voice.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Pace } from "../../web/static/js/call/pace.js";
import { decode, encode } from "../../web/static/js/call/pieces.js";
import { Transfer } from "../../web/static/js/call/transfer.js";

const ID = "0f9a8b7c-6d5e-4f30-8123-456789abcdef";
const LIMITS = { 1: 1_600, 2: 60_000 };

// Digests are computed beside us, in real time: virtual time waits for them.
const digest = crypto.subtle.digest.bind(crypto.subtle), computing = new Set();
crypto.subtle.digest = (...given) => {
  const result = digest(...given);
  computing.add(result);
  return result.finally(() => computing.delete(result));
};

/** Time that passes only when it is asked to. */
class Time {
  now = 0;
  #events = [];

  after(deed, wait) {
    const event = { at: this.now + wait, deed };
    this.#events.push(event);
    return () => { this.#events = this.#events.filter((one) => one !== event); };
  }

  /** Steps from event to event until `isDone`, at most for `span` milliseconds. */
  async until(isDone, span = 120_000) {
    for (const end = this.now + span; !isDone();) {
      await Promise.all(computing);
      await new Promise((resolve) => setImmediate(resolve));
      if (isDone()) return;
      const next = this.#events.toSorted((one, other) => one.at - other.at)[0];
      if (!next || next.at > end) throw new Error(`not within ${span} ms`);
      this.#events = this.#events.filter((one) => one !== next);
      this.now = Math.max(this.now, next.at);
      next.deed();
    }
  }
}

/** One end of a channel. What is lost comes later, as SCTP sends it again. */
class End extends EventTarget {
  readyState = "open";
  bufferedAmount = 0;
  frames = [];
  times = [];
  highest = 0;

  constructor(line) {
    super();
    this.line = line;
  }

  send(frame) {
    assert.equal(this.readyState, "open");
    const copy = frame.buffer.slice(frame.byteOffset, frame.byteOffset + frame.byteLength);
    this.frames.push(decode(copy));
    this.times.push(this.line.time.now);
    this.bufferedAmount += copy.byteLength;
    this.highest = Math.max(this.highest, this.bufferedAmount);
    this.line.carry(this, copy);
  }

  take(data) {
    if (this.readyState === "open") this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }

  pieces() {
    return this.frames.filter(({ type }) => type === "piece");
  }
}

class Line {
  ends = [new End(this), new End(this)];
  #freeAt = 0;
  #random = 20261125;

  constructor(time, { kbps = 1_000, delay = 50, loss = 0, reorder = 0, twice = false, change = (data) => data } = {}) {
    Object.assign(this, { time, kbps, delay, loss, reorder, twice, change });
  }

  chance() {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random / 2_147_483_647;
  }

  carry(from, data) {
    const to = this.ends.find((one) => one !== from);
    this.#freeAt = Math.max(this.#freeAt, this.time.now) + (data.byteLength + 110) * 8 / this.kbps;
    const left = this.#freeAt - this.time.now;
    this.time.after(() => { from.bufferedAmount -= data.byteLength; }, left);
    let wait = left + this.delay + this.chance() * this.reorder;
    while (this.chance() < this.loss) wait += 1_000;
    for (let times = this.twice ? 2 : 1; times > 0; times--) this.time.after(() => to.take(this.change(data)), wait * times);
  }

  cut() {
    for (const end of this.ends) {
      end.readyState = "closed";
      end.dispatchEvent(new Event("close"));
    }
  }
}

/** Two pages and the line between them. */
class Pair {
  time = new Time();
  seen = [];
  whole = [];
  gone = [];

  constructor({ spare, ...line } = {}) {
    this.spare = spare;
    this.station = this.page();
    this.doctor = this.reloaded();
    this.connect(line);
  }

  page() {
    return new Transfer({
      limits: LIMITS, now: () => this.time.now, later: (deed, wait) => this.time.after(deed, wait), spare: () => this.spare,
    });
  }

  reloaded() {
    const page = this.page();
    page.incoming.addEventListener("part", ({ detail }) => this.seen.push({ ...detail, at: this.time.now }));
    page.incoming.addEventListener("whole", ({ detail }) => this.whole.push(detail));
    page.incoming.addEventListener("gone", ({ detail }) => this.gone.push(detail));
    return page;
  }

  connect(line = {}) {
    this.line = new Line(this.time, line);
    this.station.attach(this.line.ends[0]);
    this.doctor.attach(this.line.ends[1]);
    return this.line.ends;
  }

  /** Sends and waits for the outcome; `meanwhile` runs as soon as the blob is on its way. */
  async send(blob, meanwhile = async () => {}) {
    let outcome = "";
    const sending = this.station.send(blob).then((given) => { outcome = given; });
    await meanwhile();
    await this.time.until(() => outcome !== "");
    await sending;
    return outcome;
  }
}

function bytes(length, seed = 7) {
  return Uint8Array.from({ length }, (_, at) => (at * seed + (at >> 8)) & 255);
}

function still(tiles = 8, size = 4_000) {
  return { kind: 2, id: ID, about: bytes(8), parts: Array.from({ length: tiles }, (_, at) => bytes(size + at, at + 3)) };
}

test("a blob arrives whole over a line that loses, reorders and repeats", async () => {
  const pair = new Pair({ loss: 0.15, reorder: 400, twice: true, kbps: 300 });

  assert.equal(await pair.send(still()), "taken");

  assert.equal(pair.whole.length, 1);
  assert.deepEqual(pair.whole[0].parts, still().parts);
  assert.deepEqual(pair.whole[0].blob.about, bytes(8));
  assert.equal(pair.whole[0].blob.id, ID);
  assert.deepEqual(pair.seen.map(({ part }) => part).toSorted(), [0, 1, 2, 3, 4, 5, 6, 7]);
});

test("the most important part is seen long before the whole", async () => {
  const pair = new Pair({ kbps: 30, spare: 10 });

  await pair.send(still());

  assert.deepEqual(pair.seen.map(({ part }) => part), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.ok(pair.seen[0].at < pair.seen.at(-1).at / 6, `${pair.seen[0].at} of ${pair.seen.at(-1).at}`);
  assert.deepEqual(pair.seen.map(({ share }) => share), pair.seen.map(({ share }) => share).toSorted((a, b) => a - b));
  assert.equal(pair.seen.at(-1).share, 1);
});

test("after a cut only what is missing is sent again", async () => {
  const pair = new Pair({ kbps: 200 }), [before] = pair.line.ends;
  let after;

  const outcome = await pair.send(still(), async () => {
    await pair.time.until(() => pair.seen.length === 4);
    pair.line.cut();
    [after] = pair.connect({ kbps: 200 });
  });

  assert.equal(outcome, "taken");
  assert.deepEqual(pair.whole[0].parts, still().parts);
  const all = still().parts.reduce((sum, part) => sum + Math.ceil(part.length / 480), 0);
  const inFlight = before.pieces().length + after.pieces().length - all;
  assert.ok(inFlight >= 0 && inFlight <= 12, `${inFlight} pieces went twice`);
  assert.equal(after.frames[0].type, "offer");
});

test("a page that was reloaded in the middle gets it all", async () => {
  const pair = new Pair({ kbps: 200 });

  const outcome = await pair.send(still(), async () => {
    await pair.time.until(() => pair.seen.length === 4);
    pair.line.cut();
    pair.doctor.close();
    pair.doctor = pair.reloaded();
    pair.connect({ kbps: 200 });
  });

  assert.equal(outcome, "taken");
  assert.deepEqual(pair.whole.map(({ parts }) => parts), [still().parts]);
});

test("what was finished before a cut is not shown twice", async () => {
  const pair = new Pair(), [station] = pair.line.ends;
  let outcome = "";
  void pair.station.send(still()).then((given) => { outcome = given; });
  await pair.time.until(() => pair.whole.length === 1);
  assert.equal(outcome, "");                       // the last word has not reached the sender

  pair.line.cut();
  const [after] = pair.connect();
  await pair.time.until(() => outcome !== "");

  assert.equal(outcome, "taken");
  assert.equal(pair.whole.length, 1);
  assert.ok(station.pieces().length > 60 && after.pieces().length === 0);
});

test("an offer nobody heard is made again", async () => {
  const pair = new Pair();
  pair.doctor.close();

  const outcome = await pair.send(still(1), async () => {
    await pair.time.until(() => pair.line.ends[0].pieces().length === 9);
    pair.doctor = pair.reloaded();
    pair.doctor.attach(pair.line.ends[1]);
  });

  assert.equal(outcome, "taken");
  assert.ok(pair.time.now < 20_000, `${pair.time.now} ms`);
});

test("bytes that changed on the way are noticed, and it comes again", async () => {
  let spoiled = false;
  const spoil = (data) => {
    const copy = data.slice(0);
    if (!spoiled && decode(data).type === "piece") new Uint8Array(copy)[100] ^= spoiled = true;
    return copy;
  };
  const pair = new Pair({ change: spoil });

  assert.equal(await pair.send(still()), "taken");
  assert.deepEqual(pair.whole[0].parts, still().parts);
  assert.equal(pair.whole.length, 1);
});

test("what is always broken ends", async () => {
  const spoil = (data) => {
    const copy = data.slice(0);
    if (decode(data).type === "piece") new Uint8Array(copy)[100] ^= 1;
    return copy;
  };
  const pair = new Pair({ change: spoil });

  assert.equal(await pair.send(still()), "broken");
  assert.equal(pair.whole.length, 0);
});

test("a blob too large for its kind, or of no kind, is refused", async () => {
  const pair = new Pair();

  assert.equal(await pair.send({ kind: 1, id: ID, parts: [bytes(1_601)] }), "refused");
  assert.equal(await pair.send({ kind: 9, id: ID, parts: [bytes(10)] }), "refused");
  assert.equal(await pair.send({ kind: 1, id: ID, parts: [bytes(1_600)] }), "taken");
  await assert.rejects(pair.station.send({ kind: 2, id: ID, parts: [] }), RangeError);
  await assert.rejects(pair.station.send({ kind: 2, id: ID, parts: [bytes(70_000)] }), RangeError);
});

test("what is urgent goes before what has begun", async () => {
  const pair = new Pair({ kbps: 60, spare: 20 });
  let first = "", second = "";
  void pair.station.send(still()).then((given) => { first = given; });
  await pair.time.until(() => pair.seen.length === 1);

  void pair.station.send({ kind: 1, id: ID, parts: [bytes(1_200)], priority: 1 }).then((given) => { second = given; });
  await pair.time.until(() => second !== "");

  assert.equal(first, "");
  assert.deepEqual(pair.whole.map(({ blob }) => blob.kind), [1]);
  await pair.time.until(() => first !== "");
});

test("either side calls it off", async () => {
  const pair = new Pair({ kbps: 100 });

  const cancelled = await pair.send(still(), async () => {
    await pair.time.until(() => pair.seen.length === 1);
    pair.station.cancel(ID);
  });
  const unwanted = await pair.send({ ...still(), parts: [bytes(30_000)] }, async () => {
    await pair.time.until(() => pair.line.ends[0].pieces().length > 40);
    pair.doctor.cancel(ID);
  });

  assert.deepEqual([cancelled, unwanted, pair.whole.length], ["cancelled", "unwanted", 0]);
  assert.equal(pair.gone.length, 2);
});

test("no more waits in the channel than the voice can bear, and no more leaves than is spare", async () => {
  const pair = new Pair({ kbps: 20, spare: 10 }), [station] = pair.line.ends;

  await pair.send(still());

  assert.ok(station.highest <= 1_200, `${station.highest} bytes waited`);
  const wire = station.frames.reduce((sum, frame) => sum + (frame.bytes?.length ?? 200) + 110, 0);
  assert.ok(wire * 8 / pair.time.now < 10.5, `${wire * 8 / pair.time.now} kbit/s`);
});

test("nothing leaves while the voice suffers, and it goes on afterwards without making up for it", async () => {
  const pair = new Pair({ kbps: 48, delay: 200, spare: 12 }), [station] = pair.line.ends;
  let before = 0, after = 0;

  const outcome = await pair.send(still(4), async () => {
    await pair.time.until(() => pair.seen.length > 0);
    pair.spare = 0;
    before = station.pieces().length;
    const until = pair.time.now + 10_000;
    await pair.time.until(() => pair.time.now >= until);
    after = station.pieces().length;
    pair.spare = 12;
  });

  assert.equal(outcome, "taken");
  assert.ok(before > 0);
  assert.equal(after, before);
});

test("the pace rises on an empty line, falls on a full one, and stays within what is spare", () => {
  const free = new Pace(), full = new Pace(), bound = new Pace(() => 12), narrow = new Pace(() => 4);
  for (let at = 1_000; at < 8_000; at += 600) {
    free.heard(at - 80, at);
    bound.heard(at - 80, at);
    narrow.heard(at - 80, at);
    full.heard(at - 80 - at / 4, at);
  }

  assert.ok(free.kbps > 100);
  assert.equal(full.kbps, 5);
  assert.equal(bound.kbps, 12);
  assert.equal(narrow.kbps, 10);
  free.anew();
  assert.equal(free.kbps, 10);
});

test("one piece that was sent again does not slow the rest", () => {
  const pace = new Pace();
  pace.heard(920, 1_000);
  const before = pace.kbps;

  pace.heard(1_000, 2_500);
  pace.heard(2_920, 3_000);

  assert.ok(pace.kbps >= before);
});

test("whatever is no frame of ours is passed over", async () => {
  const pair = new Pair();
  const offer = encode({ type: "offer", number: 1, kind: 2, id: ID, about: bytes(4), sizes: [500], hash: bytes(32) });
  const huge = encode({ type: "offer", number: 2, kind: 2, id: ID, about: bytes(4), sizes: Array(31).fill(65_535), hash: bytes(32) });
  const hostile = [
    "text", new ArrayBuffer(0), Uint8Array.of(9, 0, 0, 0, 1).buffer, Uint8Array.of(2, 0, 0).buffer, bytes(1_300).buffer,
    offer.slice(0, -1).buffer, Uint8Array.of(...offer, 0).buffer, huge.buffer, Uint8Array.of(4, 0, 0, 0, 1, 9).buffer,
    Uint8Array.of(5, 0, 0, 0, 1, 1).buffer, encode({ type: "have", number: 77, bits: bytes(3) }).buffer,
    encode({ type: "done", number: 77, outcome: "taken" }).buffer, encode({ type: "cancel", number: 77 }).buffer,
  ];
  for (const data of hostile) pair.doctor.take(data);
  for (let number = 0; number < 1_000; number++) {
    pair.doctor.take(encode({ type: "piece", number, part: 0, offset: 0, bytes: bytes(480) }).buffer);
  }

  pair.doctor.take(offer.buffer);
  for (const [part, offset, length] of [[0, 480, 19], [0, 1, 480], [1, 0, 480], [0, 960, 20], [0, 0, 481]]) {
    pair.doctor.take(encode({ type: "piece", number: 1, part, offset, bytes: bytes(length) }).buffer);
  }

  assert.deepEqual(pair.seen, []);
  assert.equal(await pair.send(still(2)), "taken");
});

test("frames say what they said", () => {
  const frames = [
    { type: "offer", number: 0xfedcba98, kind: 3, id: ID, about: bytes(9), sizes: [1, 65_535, 480], hash: bytes(32, 5) },
    { type: "piece", number: 7, part: 31, offset: 65_280, bytes: bytes(480) },
    { type: "have", number: 7, bits: bytes(11) },
    { type: "done", number: 7, outcome: "broken" },
    { type: "cancel", number: 7 },
  ];

  for (const frame of frames) assert.deepEqual(decode(encode(frame).buffer), frame);
});
