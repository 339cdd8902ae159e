import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { EventChain } from '@causeway/contract';
import { linkEvents } from './link-events.ts';
import { type Server, startServer } from './start-server.ts';
import { apiOf } from './testing/api-of.ts';
import { openTestStage, type TestStage } from './testing/test-stage.ts';

let stage: TestStage;
let server: Server;
before(async () => {
  stage = await openTestStage();
  server = await startServer({ configuration: stage.configuration, log: () => {} });
});
after(async () => {
  await server?.close();
  await stage?.close();
});

const { send, call } = apiOf(() => ({ url: server.url, apiKey: server.firstApiKey ?? '' }));

describe('GET /v1/events/chain', () => {
  it('is protected', async () => {
    const stranger = apiOf(() => ({ url: server.url, apiKey: 'none' }));

    assert.equal((await stranger.send('GET /v1/events/chain')).status, 401);
  });

  it('shows the head that was logged, and says whether one that was kept is still there', async () => {
    const heads: unknown[] = [];
    await call('POST /v1/customers', { name: 'Acme', reference: 'acme' });
    const links = linkEvents({
      store: server.store,
      log: ({ level, event, ...head }) => heads.push({ level, event, ...head }),
    });
    await links.stop();

    const read = (query = '') => call<EventChain>(`GET /v1/events/chain${query}`);
    const { head, intact, waiting } = await read();

    assert.ok(head);
    assert.ok(intact);
    assert.equal(waiting, 0);
    assert.deepEqual(heads, [{ level: 'info', event: 'events:linked', ...head }]);
    assert.ok((await read(`?head=${head.number}:${head.hash}`)).intact);
    const other = await read(`?head=${head.number}:${'0'.repeat(64)}`);
    assert.deepEqual(
      other.faults.map(({ fault }) => fault),
      ['head_differs'],
    );
    assert.equal((await send('GET /v1/events/chain?head=none')).status, 400);
  });
});
