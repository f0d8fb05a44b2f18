/** The search box as typed: from two letters on, a moment after the last one. Names travel in bodies, never in addresses. */

import { byId, clone, fill, find } from "./dom.js";
import { HttpError, pause, post } from "./http.js";

const PAUSE = 150; // milliseconds after the last key
const SHORTEST = 2; // letters

/** @typedef {{id: string, name: string, about: string, visit: string}} Row */

/** @param {{onShown?: (shown: boolean) => void}} [options]  told when results replace, or give back, what the page lists */
export function start({ onShown } = {}) {
  const box = byId("find", HTMLInputElement);
  const results = byId("results", HTMLElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let running = new AbortController();

  box.addEventListener("input", () => {
    clearTimeout(timer);
    running.abort();
    timer = setTimeout(() => void search(), PAUSE);
  });
  byId("search", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    void search();
  });
  if (box.value) void search();

  async function search() {
    const typed = box.value.trim();
    running.abort();
    running = new AbortController();
    if (typed.length < SHORTEST) return reveal(false);
    const answer = await patiently(typed, running.signal);
    if (answer) show(typed, answer);
  }

  /**
   * Asks until there is an answer; null when somebody typed on.
   * @param {string} typed
   * @param {AbortSignal} signal
   */
  async function patiently(typed, signal) {
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        return await post("/patients/search", { q: typed }, { signal });
      } catch (error) {
        if (signal.aborted || !(error instanceof HttpError) || !error.mayPass) return null;
        byId("search-failed", HTMLElement).hidden = false;
        reveal(true);
        await pause(attempt, signal);
      }
    }
    return null;
  }

  /**
   * @param {string} typed
   * @param {{rows: Row[], new: string}} answer
   */
  function show(typed, answer) {
    byId("found", HTMLUListElement).replaceChildren(...answer.rows.map(line));
    byId("nobody", HTMLElement).hidden = answer.rows.length > 0;
    byId("search-failed", HTMLElement).hidden = true;
    byId("add-words", HTMLElement).textContent = answer.new;
    find(byId("add", HTMLFormElement), "input[name=q]", HTMLInputElement).value = typed;
    say(answer.rows.length);
    reveal(true);
  }

  /** @param {boolean} shown */
  function reveal(shown) {
    results.hidden = !shown;
    onShown?.(shown);
  }
}

/** @param {Row} row */
function line(row) {
  const item = clone("found-row");
  fill(item, { name: row.name, about: row.about });
  find(item, "a", HTMLAnchorElement).href = `/patients/${row.id}`;
  find(item, "form", HTMLFormElement).action = `/patients/${row.id}/encounters`;
  find(item, "input[name=id]", HTMLInputElement).value = row.visit;
  return item;
}

/** @param {number} count */
function say(count) {
  const status = byId("find-status", HTMLElement);
  const text = count === 0 ? status.dataset.none : count === 1 ? status.dataset.one : status.dataset.many;
  status.textContent = (text ?? "").replace("{number}", String(count));
}
