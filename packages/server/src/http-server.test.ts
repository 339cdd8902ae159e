import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { CausewayError, ErrorBody } from '@causeway/contract';
import type { IdempotentRequest, Records } from '@causeway/store';
import { eventIterator, os } from '@orpc/server';
import { z } from 'zod';
import { createApiHandler } from './api-handler.ts';
import { createHttpServer } from './http-server.ts';
import type { LogEntry } from './log.ts';
import type { OperationContext } from './operation-context.ts';
import { listOperations } from './operation-table.ts';

const apiKey = 'cwk_test_0123456789';
const operation = os.$context<OperationContext>().$meta<{ creates?: boolean }>({});

/** A few operations that fail in every way an operation can. */
const router = {
  echo: operation
    .route({ method: 'POST', path: '/v1/echo/{id}' })
    .input(
      z.strictObject({
        id: z.string(),
        name: z.string().min(2),
        size: z.object({ rows: z.int() }).optional(),
      }),
    )
    .handler(({ input }) => input),
  count: operation
    .route({ method: 'GET', path: '/v1/count' })
    .input(z.object({ limit: z.coerce.number().int().max(9).default(5) }))
    .handler(({ input }) => ({ limit: input.limit })),
  create: operation
    .route({ method: 'POST', path: '/v1/things', successStatus: 201 })
    .meta({ creates: true })
    .handler(({ context }) => ({ madeBy: context.apiKeyId })),
  refuse: operation.route({ method: 'GET', path: '/v1/refuse' }).handler(() => {
    throw new CausewayError('not_found', { kind: 'customer', id: 'cus_1' });
  }),
  crash: operation.route({ method: 'GET', path: '/v1/crash' }).handler(() => {
    throw new Error('canary: password of postgres://user:canary@db/x is canary');
  }),
  offline: operation.route({ method: 'GET', path: '/v1/offline' }).handler(() => {
    const server = 'db.canary.internal:5432';
    throw new CausewayError('database_unreachable', { server, reason: 'it is off' });
  }),
  misfit: operation
    .route({ method: 'GET', path: '/v1/misfit' })
    .output(z.object({ rows: z.int() }))
    .handler(() => ({ rows: 'canary' }) as never),
  stream: operation
    .route({ method: 'GET', path: '/v1/stream' })
    .output(eventIterator(z.object({ step: z.int() })))
    .handler(async function* () {
      yield { step: 1 };
      throw new CausewayError('not_found', { kind: 'run', id: 'run_1' });
    }),
};

const logged: LogEntry[] = [];
/** No operation here touches the database; what is under idempotency keys is remembered. */
const remembered: IdempotentRequest[] = [];
const server = createHttpServer({
  log: (entry) => logged.push(entry),
  authenticate: async (key) => (key === apiKey ? { id: 'key_1' } : null),
  resumeSession: async () => null,
  handle: createApiHandler({
    router,
    log: (entry) => logged.push(entry),
    store: {
      actingAs: () => ({}) as Records,
      idempotency: {
        once: async (request, work) => {
          remembered.push(request);
          return work({} as Records);
        },
      },
    },
  }),
});
let baseUrl = '';

before(async () => {
  baseUrl = await server.listen({ host: '127.0.0.1', port: 0 });
});
after(() => server.close());

function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${apiKey}`, ...init.headers };
  return fetch(`${baseUrl}${path}`, { ...init, headers });
}

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return send(path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

async function failureOf(response: Response, status: number) {
  assert.equal(response.status, status);
  const { error } = ErrorBody.parse(await response.json());
  assert.equal(error.requestId, response.headers.get('x-request-id'));
  return error;
}

describe('createHttpServer()', () => {
  it('protects every operation that is not open to all', async () => {
    for (const { method, path, meta } of listOperations()) {
      if (meta.open) continue;
      const response = await fetch(`${baseUrl}${path.replace('{id}', 'x_1')}`, { method });

      const error = await failureOf(response, 401);
      assert.equal(error.code, 'unauthorized', `${method} ${path}`);
      assert.equal(response.headers.get('www-authenticate'), 'Bearer');
    }
  });

  it('says what is wrong with the key, and never repeats it', async () => {
    for (const [authorization, found] of [
      ['Basic Y2FuYXJ5', 'malformed'],
      ['Bearer canary', 'malformed'],
      ['Bearer cwk_canary cwk_canary', 'malformed'],
      ['Bearer cwk_canary', 'unknown'],
    ] as const) {
      const error = await failureOf(await send('/v1/count', { headers: { authorization } }), 401);

      assert.deepEqual(error.details, { found });
      assert.doesNotMatch(JSON.stringify(error), /canary/);
    }
    assert.doesNotMatch(JSON.stringify(logged), /canary/);
  });

  it('does not tell a stranger which operations there are', async () => {
    assert.equal((await fetch(`${baseUrl}/v1/no-such-thing`)).status, 401);
  });

  it('lists all that is wrong with an input, each with its path', async () => {
    const error = await failureOf(
      await post('/v1/echo/1', '{"name":"x","size":{"rows":1.5},"more":1}'),
      400,
    );

    assert.equal(error.code, 'invalid_request');
    const { issues } = error.details as { issues: { path: string }[] };
    assert.deepEqual(
      issues.map((issue) => issue.path),
      ['name', 'size.rows', 'more'],
    );
    assert.match(error.message, /"name" .*; "size\.rows" .*; .*"more"/);
  });

  it('reads numbers in a query, and refuses one that is none', async () => {
    assert.deepEqual(await (await send('/v1/count?limit=7')).json(), { limit: 7 });
    assert.equal((await failureOf(await send('/v1/count?limit=x'), 400)).code, 'invalid_request');
    assert.equal(
      (await failureOf(await send('/v1/count?limit=1&limit=2'), 400)).code,
      'invalid_request',
    );
  });

  it('refuses a body that is not JSON, or smuggles a prototype', async () => {
    for (const body of ['{"name":', 'null,', '{"__proto__":{"name":"abc"}}', '\u0000']) {
      const error = await failureOf(await post('/v1/echo/1', body), 400);

      assert.equal(error.code, 'invalid_request');
    }
  });

  it('refuses a body of another type, and names it', async () => {
    const error = await failureOf(
      await post('/v1/echo/1', 'name=abc', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
    );

    assert.equal(error.code, 'media_type_not_supported');
    assert.deepEqual(error.details, {
      found: 'application/x-www-form-urlencoded',
      expected: 'application/json',
    });
  });

  it('refuses a body that is too large', async () => {
    const error = await failureOf(
      await post('/v1/echo/1', JSON.stringify({ name: 'x'.repeat(2_000_000) })),
      413,
    );

    assert.equal(error.code, 'body_too_large');
  });

  it('refuses text that the database cannot hold', async () => {
    const error = await failureOf(await post('/v1/echo/1', '{"name":"ab\\u0000c"}'), 400);

    assert.match(error.message, /"name" must not contain the character U\+0000/);
  });

  it('takes an empty body for an empty object', async () => {
    assert.equal((await post('/v1/things', '')).status, 201);
    assert.equal((await send('/v1/things', { method: 'POST' })).status, 201);
  });

  it('tells a wrong address from a wrong method', async () => {
    const unknown = await failureOf(await send('/v1/no-such-thing?key=canary'), 404);
    assert.equal(unknown.code, 'route_not_found');
    assert.deepEqual(unknown.details, { method: 'GET', path: '/v1/no-such-thing' });

    const wrong = await send('/v1/customers', { method: 'DELETE' });
    assert.equal((await failureOf(wrong, 405)).code, 'method_not_allowed');
    assert.equal(wrong.headers.get('allow'), 'GET, POST');

    assert.equal(
      (await failureOf(await send('/healthz', { method: 'PUT' }), 405)).code,
      'method_not_allowed',
    );
    assert.equal((await failureOf(await send('/nothing'), 404)).code, 'route_not_found');
    assert.equal((await failureOf(await send('/%ff'), 400)).code, 'invalid_request');
  });

  it('passes on the error that an operation throws', async () => {
    const error = await failureOf(await send('/v1/refuse'), 404);

    assert.deepEqual(error, {
      code: 'not_found',
      message: 'Cannot find customer "cus_1"',
      hint: 'List the customers to see which exist',
      retry: 'never',
      details: { kind: 'customer', id: 'cus_1' },
      requestId: error.requestId,
    });
  });

  it('hides a fault of its own behind the request id, under which the log has it', async () => {
    const response = await send('/v1/crash?token=canary');
    const error = await failureOf(response, 500);

    assert.equal(error.code, 'internal');
    assert.doesNotMatch(JSON.stringify(error), /canary|\.ts|at /);
    const entry = logged.find((candidate) => candidate['requestId'] === error.requestId);
    assert.equal(entry?.event, 'http:request:failed');
    assert.equal(entry['path'], '/v1/crash');
    assert.ok(entry['error'] instanceof Error);
  });

  it('says that the database is gone, but not to strangers which one it is', async () => {
    const error = await failureOf(await send('/v1/offline'), 503);

    assert.equal(error.code, 'database_unreachable');
    assert.doesNotMatch(JSON.stringify(error), /canary/);
    const entry = logged.find((candidate) => candidate['requestId'] === error.requestId);
    assert.match(String(entry?.['error']), /db\.canary\.internal/);
  });

  it('never sends an answer that does not fit its schema', async () => {
    const error = await failureOf(await send('/v1/misfit'), 500);

    assert.equal(error.code, 'internal');
    const entry = logged.find((candidate) => candidate['requestId'] === error.requestId);
    assert.match(JSON.stringify(entry), /"path":\["rows"\]/);
    assert.doesNotMatch(JSON.stringify(entry), /canary/);
  });

  it('ends a stream that fails with the same error body', async () => {
    const response = await send('/v1/stream');
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    const text = await response.text();

    assert.match(text, /event: message\ndata: {"step":1}/);
    const data = /event: error\ndata: (.*)/.exec(text)?.[1] ?? '';
    const { error } = ErrorBody.parse(JSON.parse(data).data);
    assert.equal(error.code, 'not_found');
  });

  it('honours an idempotency key where something is created, and nowhere else', async () => {
    remembered.length = 0;
    await post('/v1/things', '{"a":1}', { 'idempotency-key': 'once' });
    await post('/v1/echo/1', '{"name":"abc"}', { 'idempotency-key': 'once' });

    await post('/v1/things', '{"a":2}', { 'idempotency-key': 'once' });
    assert.deepEqual(
      remembered.map(({ key, apiKeyId }) => ({ key, apiKeyId })),
      [
        { key: 'once', apiKeyId: 'key_1' },
        { key: 'once', apiKeyId: 'key_1' },
      ],
    );
    assert.notEqual(remembered[0]?.bodyHash, remembered[1]?.bodyHash);
    for (const key of ['', 'with space', 'x'.repeat(201)]) {
      const error = await failureOf(await post('/v1/things', '', { 'idempotency-key': key }), 400);
      assert.match(error.message, /"Idempotency-Key" must be 1 to 200/);
    }
  });

  it('refuses what is nested without end', async () => {
    const depth = 200_000;
    const body = `{"name":${'['.repeat(depth)}${']'.repeat(depth)}}`;

    assert.equal((await failureOf(await post('/v1/echo/1', body), 400)).code, 'invalid_request');
  });

  it('answers what is not even HTTP in the same way, and goes on', async () => {
    const { port } = new URL(baseUrl);
    for (const [request, message] of [
      ['GET /v1/count HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n', /not valid HTTP/],
      [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, /headers are too large/],
    ] as const) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(request);
      const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');

      assert.match(head, /^HTTP\/1\.1 400 /);
      assert.match(ErrorBody.parse(JSON.parse(body)).error.message, message);
    }
    assert.equal((await send('/v1/count')).status, 200);
  });
});
