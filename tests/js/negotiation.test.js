/**
 * Perfect negotiation over a connection of our own that keeps the states of W3C WebRTC 4.3.1: signaling states, implicit
 * rollback, negotiationneeded. What must hold: one of two offers wins, old rounds change nothing, what was lost is said again.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Healing } from "../../web/static/js/call/healing.js";
import { Negotiation } from "../../web/static/js/call/negotiation.js";
import { fragmentOf } from "../../web/static/js/call/sdp.js";

/** An RTCPeerConnection as far as signaling goes; every step waits a turn, as a browser does. */
class Connection extends EventTarget {
  signalingState = "stable";
  iceConnectionState = "new";
  localDescription = null;
  remoteDescription = null;
  candidates = [];
  #channels = new Set();
  #transceivers = [];
  #number = 0;
  #generation = 0;
  #fresh = false;
  #needed = false;
  #agreed = null;
  #operations = Promise.resolve();

  constructor(name) {
    super();
    this.name = name;
  }

  addTransceiver(track, { direction }) {
    const made = transceiver(typeof track === "string" ? track : track.kind, direction);
    this.#transceivers.push(made);
    this.#need();
    return made;
  }

  createDataChannel(label, init) {
    if (this.#channels.has(init.id)) throw new Error(`channel ${init.id} is there already`);
    this.#channels.add(init.id);
    return { label, ...init };
  }

  getTransceivers() {
    return this.#transceivers;
  }

  restartIce() {
    this.#fresh = true;
    this.#need();
  }

  createOffer() {
    return this.#chain(() => this.#offer());
  }

  #offer() {
    // Chromium, with max-bundle: such an offer fails, and so does everything after it.
    if (this.#transceivers.length === 0 && this.#channels.size === 0) throw new Error("no BUNDLE group");
    this.#number += 1;
    const generation = this.#generation + (this.#fresh ? 1 : 0);
    return { type: "offer", sdp: `${this.name} offer ${this.#number}\r\na=ice-ufrag:${generation}\r\n` };
  }

  setConfiguration() {}

  setLocalDescription(given) {
    return this.#chain(() => {
      if (given?.type === "rollback") return this.#rollBack();
      const type = given?.type ?? (this.signalingState === "have-remote-offer" ? "answer" : "offer");
      const made = given ?? this.#offer();
      if (this.#fresh && made.sdp.includes(`:${this.#generation + 1}`)) {
        this.#generation += 1;
        this.#fresh = false;
      }
      this.localDescription = { type, sdp: made.sdp.replace("offer", type) };
      this.#turnTo(type === "offer" ? "have-local-offer" : "stable");
    });
  }

  setRemoteDescription({ type, sdp }) {
    return this.#chain(() => {
      if (type === "answer" && this.signalingState !== "have-local-offer") throw new Error(`answer in ${this.signalingState}`);
      this.remoteDescription = { type, sdp };
      if (type === "offer" && this.#transceivers.length === 0) {
        this.#transceivers.push(transceiver("audio", "recvonly"), transceiver("video", "recvonly"));
      }
      this.#turnTo(type === "offer" ? "have-remote-offer" : "stable");
    });
  }

  /** One operation after the other (4.4.1.2). */
  #chain(step) {
    const done = this.#operations.then(turn).then(step);
    this.#operations = done.catch(() => {});
    return done;
  }

  #turnTo(state) {
    this.signalingState = state;
    if (state !== "stable") return;
    this.#needed = false;
    this.#agreed = this.localDescription;
  }

  #rollBack() {
    this.signalingState = "stable";
    this.localDescription = this.#agreed;
    this.#needed = false;
    this.#need();
  }

  /** Fired when stable and nothing is under way, once for all that is needed (4.7.3). */
  #need() {
    if (this.#needed) return;
    this.#needed = true;
    void this.#operations.then(() => {
      if (this.#needed && this.signalingState === "stable") this.dispatchEvent(new Event("negotiationneeded"));
    });
  }

  async addIceCandidate(candidate) {
    await turn();
    this.candidates.push(candidate?.candidate ?? "");
  }

  close() {
    this.signalingState = "closed";
  }

  ice(state) {
    this.iceConnectionState = state;
    this.dispatchEvent(new Event("iceconnectionstatechange"));
  }
}

function transceiver(kind, direction) {
  return { direction, receiver: { track: { kind } }, sender: { replaceTrack: async () => {}, setStreams() {} } };
}

function turn() {
  return new Promise((resolve) => setImmediate(resolve));
}

async function quiet() {
  for (let number = 0; number < 40; number++) await turn();
}

const stream = { getTracks: () => [] };

/** Two sides whose messages wait until they are delivered, in order, or are lost. */
function pair() {
  const sides = { station: side("station", false), doctor: side("doctor", true) };
  return {
    ...sides,
    async deliver() {
      for (let busy = true; busy;) {
        await quiet();
        busy = pass(sides.station, sides.doctor) || pass(sides.doctor, sides.station);
      }
    },
  };
}

function side(name, polite) {
  const connection = new Connection(name);
  const sent = [];
  const faults = [];
  const negotiation = new Negotiation({ configuration: {}, polite, stream, send: (signal) => sent.push(signal), make: () => connection });
  negotiation.addEventListener("fault", ({ detail }) => faults.push(detail));
  return { name, connection, sent, faults, negotiation };
}

function pass(from, to) {
  const signal = from.sent.shift();
  if (!signal) return false;
  void to.negotiation[signal.type](signal);
  return true;
}

function assertAgreed({ station, doctor }) {
  assert.deepEqual([station.faults, doctor.faults], [[], []]);
  assert.deepEqual([station.connection.signalingState, doctor.connection.signalingState], ["stable", "stable"]);
  assert.equal(station.connection.localDescription.sdp, doctor.connection.remoteDescription.sdp);
  assert.equal(doctor.connection.localDescription.sdp, station.connection.remoteDescription.sdp);
}

/** Both know of each other's present ICE generation, whatever form each set the other's description in. */
function assertReached({ station, doctor }) {
  assert.deepEqual([station.faults, doctor.faults], [[], []]);
  assert.deepEqual([station.connection.signalingState, doctor.connection.signalingState], ["stable", "stable"]);
  assert.equal(fragmentOf(station.connection.localDescription.sdp), fragmentOf(doctor.connection.remoteDescription.sdp));
  assert.equal(fragmentOf(doctor.connection.localDescription.sdp), fragmentOf(station.connection.remoteDescription.sdp));
}

test("the station offers first and the doctor answers", async () => {
  const both = pair();

  await both.deliver();

  assertAgreed(both);
  assert.equal(both.station.connection.localDescription.type, "offer");
});

test("when both offer at once, the station's offer wins and the doctor's is given up", async () => {
  const both = pair();
  await both.deliver();

  both.station.connection.restartIce();
  both.doctor.connection.restartIce();
  await both.deliver();

  assertAgreed(both);
  assert.equal(both.station.connection.localDescription.type, "offer");
});

test("a restart before the first offer has come spoils nothing", async () => {
  const both = pair();

  both.doctor.negotiation.restart({});
  await both.deliver();

  assertAgreed(both);
});

test("the side that offered first answers an offer, too", async () => {
  const both = pair();
  await both.deliver();

  both.doctor.negotiation.restart({});
  await both.deliver();

  assertAgreed(both);
  assert.equal(both.doctor.connection.localDescription.type, "offer");
});

test("an answer of an older round is dropped", async () => {
  const both = pair();
  await both.deliver();
  both.station.connection.restartIce();
  await quiet();

  await both.station.negotiation.answer({ round: 1, sdp: "late" });

  assert.equal(both.station.connection.signalingState, "have-local-offer");
  await both.deliver();
  assertAgreed(both);
});

test("an offer of an older round is dropped", async () => {
  const both = pair();
  await both.deliver();
  both.station.connection.restartIce();
  await both.deliver();
  const before = both.doctor.connection.remoteDescription.sdp;

  await both.doctor.negotiation.offer({ round: 1, sdp: "old" });

  assert.equal(both.doctor.connection.remoteDescription.sdp, before);
  assert.equal(both.doctor.sent.length, 0);
});

test("candidates wait for their description and those of older rounds are dropped", async () => {
  const both = pair();
  const candidate = (text) => JSON.stringify({ candidate: text });

  await both.doctor.negotiation.candidate({ round: 1, candidate: candidate("early") });
  assert.deepEqual(both.doctor.connection.candidates, []);
  await both.deliver();
  both.station.connection.restartIce();
  await both.deliver();
  await both.doctor.negotiation.candidate({ round: 1, candidate: candidate("old") });
  await both.doctor.negotiation.candidate({ round: 2, candidate: candidate("new") });

  assert.deepEqual(both.doctor.connection.candidates, ["early", "new"]);
});

test("an offer that was lost with the server is said again", async () => {
  const both = pair();
  await quiet();
  both.station.sent.length = 0;

  both.station.negotiation.repeat();
  both.doctor.negotiation.repeat();
  await both.deliver();

  assertAgreed(both);
});

test("an answer that was lost with the server is said again when the offer is", async () => {
  const both = pair();
  await quiet();
  pass(both.station, both.doctor);
  await quiet();
  both.doctor.sent.length = 0;

  both.station.negotiation.repeat();
  await both.deliver();

  assertAgreed(both);
});

test("another form of sending is taken up alone: no message, no round, and what comes next is understood", async () => {
  const both = pair();
  await both.deliver();

  await both.doctor.negotiation.reform({ ptime: 60, floor: 0, start: 0 });
  await both.station.negotiation.reform({ ptime: 60, floor: 0, start: 0 });
  assert.deepEqual([both.station.sent, both.doctor.sent, both.station.faults, both.doctor.faults], [[], [], [], []]);
  assert.equal(both.doctor.connection.remoteDescription.type, "answer");
  both.station.connection.restartIce();
  await both.deliver();

  assertAgreed(both);
});

test("a form wished for before anything is agreed comes with the first description", async () => {
  const both = pair();

  await both.station.negotiation.reform({ ptime: 60, floor: 0, start: 0 });
  await both.deliver();

  assertAgreed(both);
});

test("a restart that is about to be offered is not swallowed by another form of sending", async () => {
  const both = pair();
  await both.deliver();

  both.station.connection.restartIce();
  const formed = both.station.negotiation.reform({ ptime: 60, floor: 0, start: 0 });
  await both.deliver();
  await formed;

  assert.match(both.doctor.connection.remoteDescription.sdp, /ice-ufrag:1/);
  assertAgreed(both);
});

test("a negotiation that is closed in the middle says nothing more", async () => {
  const both = pair();
  await quiet();
  pass(both.station, both.doctor);
  both.doctor.negotiation.close();

  await both.deliver();

  assert.deepEqual([both.doctor.sent, both.doctor.faults], [[], []]);
});

test("random glare, losses and repeats always end in agreement", async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = generator(seed);
    const both = pair();
    for (let step = 0; step < 12; step++) {
      const some = random() < 0.5 ? both.station : both.doctor;
      const other = some === both.station ? both.doctor : both.station;
      const what = random();
      if (what < 0.25) some.connection.restartIce();
      else if (what < 0.35) void some.negotiation.reform({ ptime: seed % 2 ? 60 : 20, floor: 0, start: 0 });
      else if (what < 0.8) pass(some, other);
      else await quiet();
    }
    // The server dies: everything on its way is lost, then both are back in their seats.
    await quiet();
    both.station.sent.length = both.doctor.sent.length = 0;
    both.station.negotiation.repeat();
    both.doctor.negotiation.repeat();
    await both.deliver();
    assertReached(both);
  }
});

/** A healing whose clock and timers move together, and what it did. */
function healing(context, { isReachable = () => true, arrives = () => false } = {}) {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const told = [], connection = new Connection("station");
  let now = 0;
  const made = new Healing({
    connection, patience: 3_000, grace: 300, now: () => now, arrives, isReachable: (since) => isReachable(since, now), restart: () => { told.push("restart"); },
    rebuild: () => told.push("rebuild"), seek: (lost) => told.push(lost ? "seek" : "found"),
  });
  const pass = async (span) => {
    for (let step = 0; step < span; step += 50) {
      now += 50;
      context.mock.timers.tick(50);
      await Promise.resolve();
    }
  };
  context.after(() => made.close());
  return { healing: made, connection, told, pass, restarts: () => told.filter((one) => one === "restart" || one === "rebuild") };
}

test("a failed line is restarted at once, and rebuilt when that does not heal it though the other side took part", async (context) => {
  const line = healing(context);
  line.connection.ice("connected");

  line.connection.ice("failed");
  assert.deepEqual(line.restarts(), ["restart"]);
  await line.pass(500);
  line.healing.joined(false);
  await line.pass(3_500);

  assert.deepEqual(line.restarts(), ["restart", "rebuild"]);
});

test("as long as the other side takes no part, its offer is left waiting for it and nothing is rebuilt", async (context) => {
  const line = healing(context);
  line.connection.ice("connected");

  line.connection.ice("failed");
  await line.pass(40_000);

  assert.deepEqual(line.restarts(), ["restart"]);
});

test("a new connection that nobody answers is restarted after 12 s, then given up for another", async (context) => {
  const line = healing(context);

  await line.pass(12_000);
  assert.deepEqual(line.restarts(), ["restart"]);
  await line.pass(3_000);

  assert.deepEqual(line.restarts(), ["restart", "rebuild"]);
});

test("a short gap heals by itself; a second of it is restarted", async (context) => {
  const line = healing(context);

  line.connection.ice("disconnected");
  await line.pass(900);
  line.connection.ice("connected");
  await line.pass(5_000);
  assert.deepEqual(line.restarts(), []);
  line.connection.ice("disconnected");
  await line.pass(1_000);

  assert.deepEqual(line.restarts(), ["restart"]);
});

test("what ICE calls disconnected is left alone as long as something comes", async (context) => {
  const line = healing(context, { arrives: () => true });
  line.connection.ice("connected");

  line.connection.ice("disconnected");
  await line.pass(30_000);
  assert.deepEqual(line.restarts(), []);
  line.healing.silent(true);
  await line.pass(1_000);

  assert.deepEqual(line.restarts(), ["restart"]);
});

test("silence is trouble while ICE still calls the line connected: a fresh socket at once, then a restart", async (context) => {
  const line = healing(context, { isReachable: (since, now) => now - since >= 800 });
  line.connection.ice("connected");

  line.healing.silent(true);
  assert.equal(line.told.at(-1), "seek");
  await line.pass(1_500);

  assert.deepEqual(line.restarts(), ["restart"]);
});

test("where media is back before signaling, nothing is restarted", async (context) => {
  const line = healing(context, { isReachable: () => false });
  line.connection.ice("connected");
  line.healing.silent(true);
  await line.pass(20_000);

  line.healing.silent(false);
  await line.pass(5_000);

  assert.deepEqual(line.restarts(), []);
  assert.equal(line.told.at(-1), "found");
});

test("while the other side cannot be told, nothing is restarted; then it is", async (context) => {
  let isThere = false;
  const line = healing(context, { isReachable: () => isThere });
  line.connection.ice("failed");
  await line.pass(2_000);
  assert.deepEqual(line.restarts(), []);

  isThere = true;
  line.healing.reachable();

  assert.deepEqual(line.restarts(), ["restart"]);
});

test("a restart that the other side began is given its time before anything is rebuilt", async (context) => {
  const line = healing(context);
  line.connection.ice("connected");
  line.connection.ice("disconnected");
  await line.pass(900);

  line.healing.joined(true);
  await line.pass(2_500);
  line.connection.ice("connected");
  await line.pass(10_000);

  assert.deepEqual(line.restarts(), []);
});

/** @param {number} seed */
function generator(seed) {
  let state = seed * 2654435761 % 4294967296;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}
