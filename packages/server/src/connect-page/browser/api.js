/**
 * What the server refused, or that it did not answer.
 *
 * - `offline`: there was no answer; the same call may be made again.
 * - `closed`: the link is good for nothing any more.
 */
export class Refusal extends Error {
  /**
   * @param {{code: string, message: string, hint: string, details?: unknown}} error
   * @param {number} retryAfterSeconds
   */
  constructor({ code, message, hint, details }, retryAfterSeconds = 0) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.details = /** @type {Readonly<Record<string, unknown>>} */ (details ?? {});
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get offline() {
    return this.code === 'offline' || this.code === 'database_unreachable';
  }

  get closed() {
    return this.code === 'setup_link_not_usable';
  }
}

/**
 * The calls of this page. The token of the link and that of the session are kept here, in
 * memory alone. A session that has ended is opened anew, once for each call.
 *
 * @param {string} link
 */
export function createApi(link) {
  /** @type {string | null} */
  let session = null;

  /** @returns {Promise<void>} */
  async function open() {
    const opened = await send('POST', '/v1/connect/sessions', { token: link }, null);
    session = /** @type {{token: string}} */ (opened).token;
  }

  return {
    /**
     * @param {string} method
     * @param {string} path
     * @param {object} [body]
     * @returns {Promise<any>}
     */
    async call(method, path, body) {
      if (session === null) await open();
      try {
        return await send(method, path, body, session);
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 'session_ended') throw error;
        session = null;
        await open();
        return send(method, path, body, session);
      }
    },
  };
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object | undefined} body
 * @param {string | null} token
 * @returns {Promise<any>}
 * @throws {Refusal}
 */
async function send(method, path, body, token) {
  const answer = await fetch(path, {
    method,
    cache: 'no-store',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    headers: {
      'content-type': 'application/json',
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw noAnswer();
  });
  const value = await answer.json().catch(() => null);
  if (answer.ok && value !== null) return value;
  if (!value?.error) throw noAnswer();
  throw new Refusal(value.error, Number(answer.headers.get('retry-after')) || 0);
}

function noAnswer() {
  return new Refusal({
    code: 'offline',
    message: 'There is no answer',
    hint: 'Check the network: this page goes on by itself when it is back',
  });
}
