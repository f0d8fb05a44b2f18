/** Hands a line check's result to the server, which answers with its words, and to the calls of this tab. */

import { post } from "./http.js";
import { keep } from "./line_start.js";

/** @import {Result} from "./line_check.js" */

/**
 * The server's words for a result, in the reader's language; a figure that is not known is empty.
 * @typedef {{words: string, steps: number, weak: boolean, paths: string[], up: string, down: string, roundTrip: string,
 *   lostUp: string, lostDown: string, jitterUp: string, jitterDown: string}} Told
 */

/** Throws HttpError when the server cannot keep it. @param {Result} result @returns {Promise<Told>} */
export async function keepResult({ connected, tried: _tried, hasRelay: _hasRelay, ...result }) {
  if (connected) keep({ rung: result.rung, kbpsUp: result.kbpsUp, at: Date.now() });
  return await post("/check/results", result);
}
