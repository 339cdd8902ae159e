import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** For commands that want a key: a scripted API does not look at it. */
export const anyApiKey = { CAUSEWAY_API_KEY: 'cwk_00000000000000000000000000_00000000' };

/** An API that gives the same answer to everything, and what it was asked. */
export interface ScriptedApi {
  readonly url: string;
  /** As `METHOD path body`. */
  readonly asked: readonly string[];
  /** The JSON that it was sent last. */
  lastBody(): unknown;
  close(): void;
}

export async function startScriptedApi(answer: object): Promise<ScriptedApi> {
  const asked: string[] = [];
  let last = '';
  const reply = async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    last = body;
    asked.push(`${request.method} ${request.url} ${body}`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  };
  const server = createServer((request, response) => void reply(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    asked,
    lastBody: () => JSON.parse(last),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
}
