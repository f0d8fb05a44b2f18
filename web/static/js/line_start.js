/** The rung to begin a call with, from the line check of this tab's last hour. Technical figures only. */

/** @import {Rung} from "./call/limits.js" */
/** @typedef {{rung: Rung, kbpsUp: number | null, at: number}} Start `at`: milliseconds since 1970 */

const KEY = "line";
const FRESH = 3_600_000; // milliseconds: an older result says nothing of the line as it is now

/** @param {Start} start @param {Storage} [storage] */
export function keep(start, storage = sessionStorage) {
  storage.setItem(KEY, JSON.stringify(start));
}

/** What was measured within the hour, else null. @param {number} [now] @param {Storage} [storage] @returns {Start | null} */
export function known(now = Date.now(), storage = sessionStorage) {
  try {
    const found = JSON.parse(storage.getItem(KEY) ?? "null");
    return found && found.at <= now && now - found.at < FRESH ? found : null;
  } catch {
    return null;
  }
}
