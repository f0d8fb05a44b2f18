/**
 * Which tab is this? A reload keeps its answer, a duplicated tab gets another: it copies sessionStorage, but cannot take
 * the Web Lock that the first one holds for as long as it lives.
 */

const PATIENCE = 1_000; // milliseconds: a page that is being reloaded lets go of its lock a moment later

/**
 * @param {{storage: Pick<Storage, "getItem" | "setItem">, locks?: Pick<LockManager, "request">,
 *   patience?: number}} options
 * @returns {Promise<string>} the id of this tab
 */
export async function claimTab({ storage, locks, patience = PATIENCE }) {
  const kept = storage.getItem("tab");
  if (kept && (await isOurs(kept, locks, patience))) return kept;
  const fresh = crypto.randomUUID();
  storage.setItem("tab", fresh);
  await isOurs(fresh, locks, patience);
  return fresh;
}

/**
 * @param {string} tab
 * @param {Pick<LockManager, "request"> | undefined} locks
 * @param {number} patience
 * @returns {Promise<boolean>}
 */
function isOurs(tab, locks, patience) {
  if (!locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const held = locks.request(`tab-${tab}`, { signal: AbortSignal.timeout(patience) }, () => {
      resolve(true);
      return new Promise(() => {}); // held until the page goes
    });
    held.catch(() => resolve(false));
  });
}
