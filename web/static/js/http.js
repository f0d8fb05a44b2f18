/** JSON over HTTP with our own server: clear errors, and patience for writes that may be repeated. */

const FIRST_WAIT = 300; // milliseconds
const LONGEST_WAIT = 8_000; // milliseconds
const ATTEMPT_AT_MOST = 30_000; // milliseconds: a photo needs 42 s of line, a sentence far less; photos bring their own limit

/** An answer that is not a success. `status` 0: the server was not reached. `fields`: a sentence per field. */
export class HttpError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message  in the reader's language, from the server
   * @param {Record<string, string>} fields
   * @param {any} current  after a conflict: what stands there now
   */
  constructor(status, code, message = "", fields = {}, current = null) {
    super(message || code);
    this.sentence = message;
    this.current = current;
    this.status = status;
    this.code = code;
    this.fields = fields;
  }

  /** Whether the same request may well succeed later. */
  get mayPass() {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/**
 * @param {string} address
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 */
export function get(address, options = {}) {
  return ask("GET", address, undefined, options);
}

/**
 * @param {string} address
 * @param {unknown} [content]
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 */
export function post(address, content = {}, options = {}) {
  return ask("POST", address, content, options);
}

/**
 * As `get`, until it succeeds, is refused for good, or `signal` aborts.
 * @param {string} address
 * @param {Patience} [options]
 * @returns {Promise<any>}
 */
export function getUntilAnswered(address, options = {}) {
  return insist("GET", address, undefined, options);
}

/**
 * Repeats until it succeeds, is refused for good, or `signal` aborts: for writes that may arrive twice.
 * @param {string} address
 * @param {unknown} content
 * @param {Patience} [options]
 * @returns {Promise<any>}
 */
export function put(address, content, options = {}) {
  return insist("PUT", address, content, options);
}

/**
 * As `put`, for a deed that the server does once however often it is asked: accept, sign, finish, remove.
 * @param {string} address
 * @param {unknown} [content]
 * @param {Patience} [options]
 * @returns {Promise<any>}
 */
export function postUntilAnswered(address, content = {}, options = {}) {
  return insist("POST", address, content, options);
}

/**
 * @typedef {{signal?: AbortSignal, onWait?: (error: HttpError) => void}} Patience
 * @param {string} method
 * @param {string} address
 * @param {unknown} content
 * @param {Patience} options
 * @returns {Promise<any>}
 */
async function insist(method, address, content, { signal, onWait }) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask(method, address, content, { signal });
    } catch (error) {
      if (!(error instanceof HttpError) || !error.mayPass || signal?.aborted) throw error;
      onWait?.(error);
      await pause(attempt, signal);
    }
  }
}

/**
 * @param {string} method
 * @param {string} address
 * @param {unknown} content
 * @param {{signal?: AbortSignal}} options
 * @returns {Promise<any>}
 */
export async function ask(method, address, content, { signal } = {}) {
  const limits = [AbortSignal.timeout(ATTEMPT_AT_MOST), ...(signal ? [signal] : [])];
  /** @type {Response} */
  let response;
  try {
    response = await fetch(address, {
      method,
      headers: { Accept: "application/json", ...(content === undefined ? {} : { "Content-Type": "application/json" }) },
      body: content === undefined ? undefined : JSON.stringify(content),
      signal: AbortSignal.any(limits),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new HttpError(0, "unreachable");
  }
  return await read(response);
}

/**
 * What an answer says; throws HttpError for everything that is not a success.
 * @param {Response} response
 * @returns {Promise<any>}
 */
export async function read(response) {
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  const content = isJson ? await response.json().catch(() => null) : null;
  if (response.ok) return content;
  throw new HttpError(response.status, content?.error ?? "http-error", content?.message, content?.fields, content?.current);
}

/**
 * Waits 0.3 s doubling to 8 s, at random within it, or less when the line comes back.
 * @param {number} attempt
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function pause(attempt, signal) {
  const wait = Math.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt);
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, wait);
    addEventListener("online", done, { once: true });
    signal?.addEventListener("abort", done, { once: true });
  });
}
