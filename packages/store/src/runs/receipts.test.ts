import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Receipt } from '@causeway/contract';
import type { Store } from '../open-store.ts';
import { sampleRun, sampleScene } from '../testing/samples.ts';
import { shareTestDatabase } from '../testing/test-database.ts';

const database = shareTestDatabase();
let databaseUrl: string;
let store: Store;
before(async () => {
  databaseUrl = await database.create();
  store = await database.openStore(databaseUrl);
});
after(() => database.stop());

/** A run that was delivered an hour ago to each customer. */
async function delivered(customers: number) {
  const scene = await sampleScene(store, customers);
  const run = await sampleRun(store, scene);
  const work = await store.journal.takeRun(run.id, 'host/1/x');
  assert.ok(work);
  for (const { id } of scene.customers) {
    await store.journal.beginCommit(work.lease, id, new Date());
    await store.journal.recordManifest(work.lease, id, { key: `p/${id}`, body: '{}' });
    await store.journal.updateRecipient(work.lease, id, { state: 'delivered' });
  }
  await store.journal.finishRun(work.lease, 'succeeded', new Date());
  return { run, scene };
}

const age = (runId: string, interval: string) =>
  database.query(
    databaseUrl,
    `update causeway.run_recipients set ended_at = clock_timestamp() - interval '${interval}',
      receipt_looked_at = receipt_looked_at - interval '${interval}' where run_id = '${runId}'`,
  );

const receipt: Receipt = {
  state: 'received',
  at: '2026-11-22T10:00:00.000Z',
  saidAt: null,
  message: 'Thanks',
};

describe('receipts', () => {
  it('are looked for by one of all who ask, and not again at once', async () => {
    const { run } = await delivered(3);
    assert.deepEqual(await store.receipts.takeOfRun(run.id, 10), [], 'too soon');
    await age(run.id, '1 hour');

    const taken = await Promise.all([1, 2, 3, 4].map(() => store.receipts.takeOfRun(run.id, 2)));
    const later = await store.receipts.takeOfRun(run.id, 10);

    const all = [...taken.flat(), ...later].map(({ customerId }) => customerId);
    assert.equal(all.length, 3);
    assert.equal(new Set(all).size, 3);
    assert.ok(taken.every((part) => part.length <= 2));
  });

  it('are not looked for over a connection after a month', async () => {
    const { run, scene } = await delivered(1);
    const id = scene.connections[0]?.id ?? '';
    await age(run.id, '31 days');
    assert.deepEqual(await store.receipts.takeOfConnection(id, 10), []);
    await age(run.id, '29 days');
    assert.equal((await store.receipts.takeOfConnection(id, 10))[0]?.runId, run.id);
  });

  it('are final once the customer has spoken, and told once', async () => {
    const { run } = await delivered(1);
    await age(run.id, '1 hour');
    const [awaited] = await store.receipts.takeOfRun(run.id, 10);
    assert.ok(awaited);
    const found = async () => (await store.runs.get(run.id)).recipients[0]?.receipt;

    const broken = { ...receipt, state: 'not_valid' } as const;
    await store.receipts.record(awaited, broken);
    assert.deepEqual(await found(), broken);
    await store.receipts.record(awaited, null);
    assert.equal(await found(), null);
    await store.receipts.record(awaited, receipt);
    await store.receipts.record(awaited, { ...receipt, state: 'rejected' });

    assert.deepEqual(await found(), receipt);
    await age(run.id, '1 hour');
    assert.deepEqual(await store.receipts.takeOfRun(run.id, 10), []);
    const { items } = await store.events.list({ limit: 10, runId: run.id });
    const told = items.filter(({ type }) => /received|rejected/.test(type));
    const { state, ...after } = receipt;
    assert.deepEqual(
      told.map((event) => [event.type, event.after, event.customerId]),
      [[`recipient.${state}`, after, awaited.customerId]],
    );
  });
});
