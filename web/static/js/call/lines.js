/** Written and spoken messages share one list: each row stands where its time is. */

/**
 * Puts the rows in the order of `data-at`, milliseconds; rows without one are still on their way and stand last. Rows that stand
 * right are not touched: whatever is put in anew is read out again.
 * @param {HTMLElement} list
 */
export function inTime(list) {
  const rows = /** @type {HTMLElement[]} */ ([...list.children]);
  const sorted = rows.map((row) => ({ row, at: Number(row.dataset.at) || Infinity }))
    .sort((one, other) => (one.at === other.at ? 0 : one.at - other.at));
  sorted.forEach(({ row }, place) => {
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
}
