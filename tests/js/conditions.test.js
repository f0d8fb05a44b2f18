/** Finding conditions in the page: the same examples as the server's, and fast enough to run at every key. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fold, prepare, search } from "../../web/static/js/conditions.js";

const here = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
const examples = JSON.parse(here("../records/codes/conditions_examples.json"));
const entries = prepare(rows(here("../../records/codes/data/conditions.csv")));

for (const { query, first, also } of examples) {
  test(`a doctor who types "${query}" finds ${first ?? "nothing"}`, () => {
    const found = search(entries, query).map((condition) => condition.code);

    assert.equal(found[0] ?? null, first);
    for (const code of also ?? []) assert.ok(found.includes(code), `${code} is not among ${found}`);
  });
}

test("at most eight are offered", () => {
  assert.equal(search(entries, "viem").length, 8);
});

test("đ is found by d, and marks and case do not matter", () => {
  assert.equal(fold("  Đột  QUỴ, chưa rõ"), "dot quy chua ro");
});

/** The rows of the CSV file: its texts hold commas only between quotes. */
function rows(text) {
  return text.split("\n").filter((line) => line && !line.startsWith("#")).slice(1).map((line) => {
    const cells = [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((found) => found[1].replace(/^"|"$/g, "").replaceAll('""', '"'));
    return [cells[0], Number(cells[1]), cells[2], cells[3], cells[4]];
  });
}
