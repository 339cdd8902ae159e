import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { RunFailure } from '@causeway/contract';
import type { Store } from '../open-store.ts';
import { type Scene, sampleRun, sampleScene, sampleWindow } from '../testing/samples.ts';
import { shareTestDatabase } from '../testing/test-database.ts';

const database = shareTestDatabase();
let store: Store;
let scene: Scene;
before(async () => {
  store = await database.openStore();
  scene = await sampleScene(store);
});
after(() => database.stop());

const failure: RunFailure = {
  code: 'access_denied',
  message: 'Cannot write',
  hint: 'Run the check',
  side: 'customer',
  cause: 'write_denied',
};

describe('A run', () => {
  it('tells who asked for it, that it began, who was not served and why, and how it ended', async () => {
    const run = await sampleRun(store, scene, sampleWindow);
    const work = await store.journal.takeRun(run.id, 'host/1/x');
    assert.ok(work);
    const now = new Date();
    for (const { id } of scene.customers) {
      await store.journal.updateRecipient(work.lease, id, { state: 'preparing' });
      await store.journal.updateRecipient(work.lease, id, { state: 'failed', failure });
    }
    await store.journal.finishRun(work.lease, 'failed', now);

    const { items } = await store.events.list({ limit: 50, runId: run.id });

    const told = items.toReversed();
    const { length } = scene.customers;
    assert.deepEqual(
      told.map(({ type }) => type),
      ['run.created', 'run.started', ...Array(length).fill('recipient.failed'), 'run.failed'],
    );
    const [first, , recipient] = told;
    assert.equal(first?.deliveryId, run.deliveryId);
    assert.equal(recipient?.customerId, scene.customers[0]?.id);
    assert.equal(recipient?.cause, 'write_denied');
    assert.deepEqual(recipient?.after, {
      code: 'access_denied',
      side: 'customer',
      message: 'Cannot write',
      fix: 'Run the check',
    });
    const last = told.at(-1);
    assert.equal(last?.cause, 'write_denied');
    assert.deepEqual(last?.after, {
      recipients: length,
      delivered: 0,
      unchanged: 0,
      failed: length,
      cancelled: 0,
      rows: 0,
      bytes: 0,
      causes: { write_denied: length },
    });
  });

  it('tells of a hundred failures one by one, and how many there were of what in the end', async () => {
    const crowd = await sampleScene(store, 103);
    const run = await sampleRun(store, crowd, sampleWindow);
    const work = await store.journal.takeRun(run.id, 'host/1/x');
    assert.ok(work);
    for (const [index, { id }] of crowd.customers.entries()) {
      const cause = index < 3 ? null : 'write_denied';
      const change = { state: 'failed', failure: { ...failure, cause } } as const;
      await store.journal.updateRecipient(work.lease, id, change);
    }
    await store.journal.finishRun(work.lease, 'failed', new Date());

    const { items } = await store.events.list({ limit: 200, runId: run.id });

    assert.equal(items.filter(({ type }) => type === 'recipient.failed').length, 100);
    assert.deepEqual(items[0]?.after?.['causes'], { write_denied: 100, access_denied: 3 });
  });

  it('adds up what it has asked of AWS over its attempts', async () => {
    const scene = await sampleScene(store);
    const run = await sampleRun(store, scene, sampleWindow);
    const customerId = scene.customers[0]?.id ?? '';
    for (const owner of ['host/1/x', 'host/2/x']) {
      const work = await store.journal.takeRun(run.id, owner);
      assert.ok(work);
      const requests = { s3: 5, sts: 1, retries: 2 };
      const begun = { state: 'preparing', requests } as const;
      await store.journal.updateRecipient(work.lease, customerId, begun);
      await store.journal.updateRecipient(work.lease, customerId, { rows: 1 });
      await store.journal.releaseRun(work.lease);
    }

    const { recipients } = await store.runs.get(run.id);

    const recipient = recipients.find((each) => each.customerId === customerId);
    assert.deepEqual(recipient?.requests, { s3: 10, sts: 2, retries: 4 });
    assert.equal(recipient.attempts, 2);
  });

  it('is said to begin once, however many workers take it up', async () => {
    const run = await sampleRun(store, scene, sampleWindow);
    const first = await store.journal.takeRun(run.id, 'host/1/x');
    assert.ok(first);
    await store.journal.releaseRun(first.lease);
    const second = await store.journal.takeRun(run.id, 'host/2/x');
    assert.ok(second);
    await store.journal.finishRun(second.lease, 'succeeded', new Date());

    const { items } = await store.events.list({ limit: 50, runId: run.id });

    assert.deepEqual(items.map(({ type }) => type).toReversed(), [
      'run.created',
      'run.started',
      'run.succeeded',
    ]);
  });

  it('keeps when each phase began, and begins anew with another attempt', async () => {
    const scene = await sampleScene(store);
    const run = await sampleRun(store, scene, sampleWindow);
    const work = await store.journal.takeRun(run.id, 'host/1/x');
    const customerId = scene.customers[0]?.id ?? '';
    assert.ok(work);
    const phases = async () =>
      (await store.runs.get(run.id)).recipients.find((r) => r.customerId === customerId)?.phases ??
      assert.fail('there are none');
    const enter = (state: 'preparing' | 'prepared' | 'delivered') =>
      store.journal.updateRecipient(work.lease, customerId, { state });

    await enter('preparing');
    await enter('prepared');
    const { preparingAt, preparedAt } = await phases();
    await enter('preparing');
    const again = await phases();
    await enter('prepared');
    await store.journal.beginCommit(work.lease, customerId, new Date());
    await enter('delivered');
    const ended = await phases();
    await store.journal.finishRun(work.lease, 'succeeded', new Date());

    assert.ok(preparingAt && preparedAt && preparingAt <= preparedAt);
    assert.ok(again.preparingAt && again.preparingAt > preparingAt);
    assert.equal(again.preparedAt, null);
    assert.ok(ended.preparedAt && ended.committingAt && ended.endedAt);
    assert.ok(ended.preparedAt <= ended.endedAt);
  });
});

describe('A dataset and a delivery', () => {
  it('are told of, with who made them', async () => {
    const actor = { type: 'api_key', id: 'key_1' } as const;
    const { delivery } = await sampleScene(store.actingAs(actor) as Store);

    const { items } = await store.events.list({ limit: 50, datasetId: delivery.datasetId });

    assert.deepEqual(
      items.map((event) => [event.type, event.deliveryId, event.actor]).toReversed(),
      [
        ['dataset.created', null, actor],
        ['delivery.created', delivery.id, actor],
      ],
    );
  });
});
