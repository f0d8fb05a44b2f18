/** The line, measured beside other things when nobody asked for it: fewer packets, and silent when it does not work out. */

import { HttpError } from "./http.js";
import { checkLine } from "./line_check.js";
import { keepResult } from "./line_result.js";

/** Gives up at once when `signal` aborts: something that matters more wants the line. @param {AbortSignal} signal */
export async function measureQuietly(signal) {
  try {
    const result = await checkLine({ signal, short: true });
    if (!signal.aborted) await keepResult(result);
  } catch (error) {
    if (!(error instanceof HttpError) && !signal.aborted) throw error;
  }
}
