/** What a side tells of its own trouble, and what it keeps to itself. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Faults, obstacleOf } from "../../web/static/js/call/faults.js";
import { figures, read } from "../../web/static/js/call/figures.js";
import { routeOf } from "../../web/static/js/call/route.js";

const report = (...rows) => new Map(rows.map((row, number) => [row.id ?? String(number), row]));
const settled = () => new Promise((done) => setImmediate(done));

function side({ candidates = [], state = "checking", refuses = 0 } = {}) {
  const told = [], media = { faults: { audio: "", video: "" } };
  const tell = async (fault) => {
    if (refuses-- > 0) throw new Error("not-in-call");
    told.push(fault);
  };
  const connection = { iceConnectionState: state, getStats: async () => report(...candidates) };
  return { told, media, faults: new Faults({ tell, media, connection: () => connection }) };
}

test("a silence longer than two questions of the server is told in whole seconds, a shorter one is not", () => {
  const { told, faults } = side();

  faults.heard(3_900);
  faults.heard(38_400);

  assert.deepEqual(told, [{ kind: "line-out", seconds: 38 }]);
});

test("a camera that is blocked is told once, and again only when that changes", async () => {
  const { told, media, faults } = side();

  media.faults.video = "blocked";
  faults.devices();
  faults.devices();
  media.faults.video = "";
  faults.devices();
  media.faults.video = "busy";
  faults.devices();

  assert.deepEqual(told, [{ kind: "camera-fault", detail: "blocked" }, { kind: "camera-fault", detail: "busy" }]);
});

test("what was refused because the seat was not taken yet is told when it is", async () => {
  const { told, media, faults } = side({ refuses: 1 });

  media.faults.audio = "missing";
  faults.devices();
  await settled();
  faults.devices();

  assert.deepEqual(told, [{ kind: "microphone-fault", detail: "missing" }]);
});

test("two sides that find no way for ten seconds: one tells what stood in it", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { told, faults } = side({ candidates: [
    { type: "local-candidate", candidateType: "host" }, { type: "remote-candidate", candidateType: "host" }] });

  faults.other(true);
  mock.timers.tick(9_999);
  assert.deepEqual(told, []);
  mock.timers.tick(1);
  mock.timers.reset();
  await settled();

  assert.deepEqual(told, [{ kind: "path-failed", detail: "no-relay" }]);
});

test("a way that was found, or a side that left, is no failure", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const found = side(), left = side(), connected = side({ state: "connected" });

  for (const { faults } of [found, left, connected]) faults.other(true);
  found.faults.found();
  left.faults.other(false);
  mock.timers.tick(10_000);
  mock.timers.reset();
  await settled();

  assert.deepEqual([...found.told, ...left.told, ...connected.told], []);
});

test("what stood in the way: nothing here, nothing from there, no relay, or none of these", () => {
  const local = { type: "local-candidate", candidateType: "host" }, remote = { type: "remote-candidate", candidateType: "srflx" };

  assert.equal(obstacleOf(report(remote)), "no-local");
  assert.equal(obstacleOf(report(local)), "no-remote");
  assert.equal(obstacleOf(report(local, remote)), "no-relay");
  assert.equal(obstacleOf(report(local, { ...remote, candidateType: "relay" })), "with-relay");
});

test("the way in use names relay, transport and network", () => {
  const pair = { type: "candidate-pair", nominated: true, state: "succeeded", localCandidateId: "mine",
    availableOutgoingBitrate: 41_500, currentRoundTripTime: 0.12 };
  const mine = { id: "mine", type: "local-candidate", candidateType: "relay", relayProtocol: "tls", networkType: "cellular" };

  assert.deepEqual(routeOf(report(pair, mine)), { path: "relay-tls", network: "cellular", availableKbps: 41.5, roundTripMs: 120 });
  assert.deepEqual(routeOf(report(pair, { ...mine, candidateType: "prflx", networkType: "unknown" })),
    { path: "srflx", network: "", availableKbps: 41.5, roundTripMs: 120 });
  assert.deepEqual(routeOf(report()), { path: "", network: "", availableKbps: 0, roundTripMs: 0 });
});

test("ten seconds tell how much of the voice was made up", () => {
  const voice = (samples, concealed) => report({ type: "inbound-rtp", kind: "audio", totalSamplesReceived: samples,
    concealedSamples: concealed, jitter: 0.031 });

  const got = figures(read(voice(960_000, 62_000), 20_000), read(voice(480_000, 50_000), 10_000));

  assert.equal(got.concealedPercent, 2.5);
  assert.equal(got.jitterMs, 31);
});
