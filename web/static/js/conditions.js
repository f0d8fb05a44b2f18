/** Finds conditions by code or by words without marks, in the page. The same rules as records/codes/conditions.py. */

import { get } from "./http.js";

const AT_MOST = 8; // found conditions: what fits under the field without scrolling

/** @typedef {{code: string, vi: string, en: string}} Condition */
/** @typedef {{condition: Condition, often: boolean, code: string, name: string, native: string, all: string}} Entry */

/**
 * The list from the server; browsers keep it for ever under its address.
 * @param {string} address
 * @returns {Promise<Entry[]>}
 */
export async function load(address) {
  return prepare((await get(address)).conditions);
}

/**
 * Folds every row once, so that a search only compares.
 * @param {[string, number, string, string, string][]} rows  code, often, Vietnamese, English, further words
 * @returns {Entry[]}
 */
export function prepare(rows) {
  return rows.map(([code, often, vi, en, synonyms]) => {
    const name = fold(vi);
    const native = ` ${name} ${fold(synonyms)}`;
    return {
      condition: { code, vi, en }, often: Boolean(often), code: code.replace(".", "").toLowerCase(),
      name: ` ${name}`, native, all: `${native} ${fold(en)}`,
    };
  });
}

/**
 * The best conditions: the code itself, code beginnings, names that begin with the query, the query word for word in name
 * or synonyms, all words in the name, in the synonyms, in English; among equals what is met often, then the shorter name.
 * @param {Entry[]} entries
 * @param {string} query
 * @param {number} [limit]
 * @returns {Condition[]}
 */
export function search(entries, query, limit = AT_MOST) {
  const phrase = fold(query);
  if (!phrase) return [];
  const words = phrase.split(" ").map((word) => ` ${word}`);
  const code = query.toLowerCase().replaceAll(/[\s.]/g, "");
  /** @type {{rank: number, entry: Entry}[]} */
  const found = [];
  for (const entry of entries) {
    const rank = rankOf(entry, code, ` ${phrase}`, words);
    if (rank >= 0) found.push({ rank, entry });
  }
  found.sort((a, b) => a.rank - b.rank || Number(b.entry.often) - Number(a.entry.often)
    || a.entry.name.length - b.entry.name.length || (a.entry.condition.code < b.entry.condition.code ? -1 : 1));
  return found.slice(0, limit).map((one) => one.entry.condition);
}

/**
 * Small letters without marks, one space between words; đ is a letter of its own, so it goes before the marks.
 * @param {string} text
 */
export function fold(text) {
  const plain = text.replaceAll(/[đĐ]/g, "d").normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).join(" ");
}

/**
 * 0 is best; -1 when it is not found.
 * @param {Entry} entry
 * @param {string} code
 * @param {string} phrase  with a blank in front, as the texts of an entry have
 * @param {string[]} words
 */
function rankOf(entry, code, phrase, words) {
  if (entry.code.startsWith(code)) return entry.code === code ? 0 : 1;
  if (entry.name.startsWith(phrase)) return 2;
  if (entry.native.includes(phrase)) return 3;
  const texts = [entry.name, entry.native, entry.all];
  const place = texts.findIndex((text) => words.every((word) => text.includes(word)));
  return place < 0 ? -1 : 4 + place;
}
