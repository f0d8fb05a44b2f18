/** How a still is cut: no pixel missing or twice, the middle first, sizes that lie are refused, and what is spare decides the bytes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { about, glimpseBytes, sizeOf, stillBytes, tiles, within } from "../../web/static/js/call/tiles.js";

const SIZES = [[1280, 720], [1600, 1200], [720, 1280], [1600, 900], [640, 480], [33, 17], [1, 1]].map(([width, height]) => ({ width, height }));

test("tiles cover every pixel once", () => {
  for (const size of SIZES) {
    const seen = new Uint8Array(size.width * size.height);
    for (const { x, y, width, height } of tiles(size)) {
      for (let row = y; row < y + height; row++) for (let at = x; at < x + width; at++) seen[row * size.width + at] += 1;
    }
    assert.ok(seen.every((times) => times === 1), `${size.width}x${size.height}`);
  }
});

test("a still has eight to sixteen tiles that end where codecs' blocks end", () => {
  const cut = tiles({ width: 1280, height: 720 });

  assert.ok(cut.length >= 8 && cut.length <= 16);
  assert.ok(cut.every(({ x, y }) => x % 16 === 0 && y % 16 === 0));
});

test("the middle comes first, the corners last", () => {
  const cut = tiles({ width: 1280, height: 720 });
  const corners = cut.slice(-4).map(({ x, y, width, height }) => [x === 0 || x + width === 1280, y === 0 || y + height === 720]);

  assert.ok(cut[0].x <= 640 && cut[0].x + cut[0].width >= 640 && cut[0].y <= 360 && cut[0].y + cut[0].height >= 360);
  assert.deepEqual(corners, Array(4).fill([true, true]));
});

test("what says the size is believed only within reason", () => {
  for (const size of SIZES) assert.deepEqual(sizeOf(about(size)), size);
  for (const bad of [[], [5, 0, 2], [0, 0, 2, 208], [255, 255, 2, 208], [5, 0, 6, 65], [5, 0, 2, 208, 1]]) {
    assert.equal(sizeOf(Uint8Array.from(bad)), null);
  }
});

test("a picture is made smaller, never larger, and keeps its shape", () => {
  assert.deepEqual(within({ width: 3200, height: 1800 }, 1600), { width: 1600, height: 900 });
  assert.deepEqual(within({ width: 1280, height: 720 }, 1600), { width: 1280, height: 720 });
  assert.deepEqual(within({ width: 720, height: 1280 }, 320), { width: 180, height: 320 });
});

test("what the line has spare decides how many bytes are taken", () => {
  const seconds = (bytes, kbps) => bytes * 8 / 1_000 / (kbps * 0.8);

  assert.ok(seconds(stillBytes(8), 8) <= 35 && stillBytes(8) >= 16_000);
  assert.ok(seconds(stillBytes(16), 16) <= 13 && stillBytes(10) >= 20_000);
  assert.equal(stillBytes(60), 40_000);
  assert.equal(stillBytes(1), 16_000);
  assert.ok(seconds(glimpseBytes(8), 8) <= 8 && glimpseBytes(8) > 4_000);
  assert.ok(glimpseBytes(500) <= 8_000);
});
