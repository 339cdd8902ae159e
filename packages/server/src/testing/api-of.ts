import assert from 'node:assert/strict';

/** The HTTP API of a server, as one who has a key calls it: `POST /v1/customers`, and a body. */
export interface Api {
  send(line: string, body?: unknown): Promise<ApiAnswer>;
  /** @throws unless it succeeds. */
  call<T>(line: string, body?: unknown): Promise<T>;
}

export interface ApiAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
}

/** @param server Asked at each call, so that it may be started anew meanwhile. */
export function apiOf(server: () => { readonly url: string; readonly apiKey: string }): Api {
  const send: Api['send'] = async (line, body) => {
    const { url, apiKey } = server();
    const [method = '', path = ''] = line.split(' ');
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const { ok, status } = response;
    return { ok, status, text: await response.text() };
  };
  return {
    send,
    async call(line, body) {
      const { ok, status, text } = await send(line, body);
      assert.ok(ok, `${line}: ${status} ${text}`);
      return JSON.parse(text);
    },
  };
}
