import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, it } from 'node:test';
import { CausewayError, type Customer, type ErrorCode, toErrorBody } from '@causeway/contract';
import { type Client, createClient } from './create-client.ts';

const customer: Customer = {
  id: 'cus_1',
  name: 'Acme',
  reference: 'ACM',
  properties: {},
  createdAt: '2026-01-01T00:00:00.000Z',
};

interface Received {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let answer: (response: ServerResponse) => void = () => {};
let received: Received[] = [];
const server = createServer((request, response) => {
  void text(request).then((body) => {
    received.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    answer(response);
  });
});
let baseUrl = '';
let client: Client;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createClient({ baseUrl, apiKey: 'cwk_canary' });
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  received = [];
});

function answerJson(status: number, body: unknown): void {
  answer = (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}

async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function unusedPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function failureOf<C extends ErrorCode>(call: Promise<unknown>, code: C) {
  try {
    await call;
  } catch (error) {
    assert.ok(CausewayError.is(error, code), String(error));
    assert.doesNotMatch(`${error.message} ${error.hint}`, /canary/);
    return error;
  }
  return assert.fail('the call succeeded');
}

describe('createClient()', () => {
  it('sends what the contract says, with the key', async () => {
    answerJson(201, customer);

    const made = await client.customers.create(
      { name: 'Acme', reference: 'ACM' },
      { context: { idempotencyKey: 'order-1' } },
    );

    assert.deepEqual(made, customer);
    assert.equal(received[0]?.line, 'POST /v1/customers');
    assert.equal(received[0].headers.authorization, 'Bearer cwk_canary');
    assert.equal(received[0].headers['idempotency-key'], 'order-1');
    assert.deepEqual(JSON.parse(received[0].body), { name: 'Acme', reference: 'ACM' });
  });

  it('puts ids into the path and the rest into query or body', async () => {
    answerJson(200, { items: [], nextCursor: null });
    await client.connections.list({ customerId: 'cus 1&', limit: 2 });
    await client.customers.list();
    await client.connections.check({ id: 'conn_1', waitSeconds: 5 });

    assert.deepEqual(
      received.map(({ line, body }) => `${line} ${body}`.trim()),
      [
        'GET /v1/connections?customerId=cus+1%26&limit=2',
        'GET /v1/customers',
        'POST /v1/connections/conn_1/check {"waitSeconds":5}',
      ],
    );
  });

  it('keeps the path of its address, for servers behind a prefix', async () => {
    answerJson(200, { keys: [] });
    await createClient({ baseUrl: `${baseUrl}/causeway/` }).system.keys();

    assert.equal(received[0]?.line, 'GET /causeway/.well-known/causeway-keys.json');
    assert.equal(received[0].headers.authorization, undefined);
  });

  it("throws the server's error: code, details, message and hint", async () => {
    const thrown = new CausewayError('not_found', { kind: 'customer', id: 'cus_1' });
    answerJson(404, toErrorBody(thrown, 'req_1'));

    const error = await failureOf(client.customers.get({ id: 'cus_1' }), 'not_found');

    assert.deepEqual(error.details, { kind: 'customer', id: 'cus_1' });
    assert.equal(error.message, thrown.message);
    assert.equal(error.hint, thrown.hint);
    assert.equal(error.status, 404);
  });

  it('says what an error of a newer server says, though it does not know it', async () => {
    const body = {
      code: 'brand_new',
      message: 'Cannot fly',
      hint: 'Walk',
      retry: 'later',
      requestId: 'r',
    };
    answerJson(418, { error: body });

    const error = await failureOf(client.customers.get({ id: 'cus_1' }), 'unexpected_response');

    assert.match(error.message, /status 418: the error "brand_new", which says: Cannot fly/);
  });

  it('does not take another server for Causeway', async () => {
    const pages: ((response: ServerResponse) => void)[] = [
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Welcome'),
      (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<p>Bad gateway'),
      (response) => response.writeHead(302, { location: 'https://elsewhere.example/' }).end(),
      (response) => response.writeHead(500, { 'content-type': 'application/json' }).end('{"a":1}'),
      (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":'),
      (response) =>
        response
          .writeHead(404, { 'content-type': 'application/json' })
          .end(
            '{"error":{"code":"not_found","message":"m","hint":"h","retry":"never","requestId":"r"}}',
          ),
    ];
    for (const page of pages) {
      answer = page;
      await failureOf(client.customers.get({ id: 'cus_1' }), 'unexpected_response');
    }
  });

  it('says when nothing listens, or the connection is lost', async () => {
    const address = `http://127.0.0.1:${await unusedPort()}`;
    const nowhere = createClient({ baseUrl: address });
    const refused = await failureOf(nowhere.customers.list(), 'server_unreachable');
    assert.equal(refused.message, `Cannot reach Causeway at "${address}": nothing listens there`);

    answer = (response) => response.destroy();
    await failureOf(client.customers.list(), 'server_unreachable');

    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"items":');
      setTimeout(() => response.destroy(), 20);
    };
    await failureOf(client.customers.list(), 'server_unreachable');
  });

  it('refuses an address or a key that cannot be one, without repeating the key', async () => {
    for (const address of ['localhost:7070', 'ftp://x', '']) {
      assert.throws(() => createClient({ baseUrl: address }), { code: 'server_unreachable' });
    }
    assert.throws(
      () => createClient({ baseUrl, apiKey: 'cwk_canary\r\nx-evil: 1' }),
      (error) => CausewayError.is(error, 'unauthorized') && !/canary/.test(error.message),
    );
  });

  it("leaves the caller's own abort alone", async () => {
    answer = () => {};
    const signal = AbortSignal.timeout(50);

    await assert.rejects(client.customers.list({}, { signal }), { name: 'TimeoutError' });
  });

  it('follows a run event by event, and ends when the server does', async () => {
    const progress = (state: string) =>
      JSON.stringify({
        runId: 'run_1',
        state,
        rows: 1,
        bytes: 2,
        fractionDone: null,
        recipients: [],
      });
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`event: message\ndata: ${progress('running')}\n\n: still here\n\n`);
      setTimeout(() => response.end(`event: message\ndata: ${progress('succeeded')}\n\n`), 20);
    };

    const states: string[] = [];
    for await (const event of await client.runs.progress({ id: 'run_1' })) states.push(event.state);

    assert.deepEqual(states, ['running', 'succeeded']);
  });

  it('throws the error that a stream ends with', async () => {
    const body = toErrorBody(new CausewayError('not_found', { kind: 'run', id: 'run_1' }), 'req_1');
    const data = { defined: false, code: 'not_found', status: 404, message: 'm', data: body };
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`event: error\ndata: ${JSON.stringify(data)}\n\n`);
    };

    const events = await client.runs.progress({ id: 'run_1' });

    await failureOf(collect(events), 'not_found');
  });

  it('says so when a stream is cut off', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': hello\n\n');
      setTimeout(() => response.destroy(), 20);
    };

    const events = await client.runs.progress({ id: 'run_1' });

    await failureOf(collect(events), 'server_unreachable');
  });
});
