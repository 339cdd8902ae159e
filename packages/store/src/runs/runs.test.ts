import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CausewayError, DeliveryTerms, type Window } from '@causeway/contract';
import { type KeptFile, LeaseLostError, type OpenUpload, type RunWork } from '@causeway/delivery';
import pg from 'pg';
import { newLeaseOwner } from '../lease-owner.ts';
import type { Store } from '../open-store.ts';
import {
  type Scene,
  sampleConnection,
  sampleDataset,
  sampleDelivery,
  sampleRun,
  sampleScene,
  sampleTerms,
  sampleWindow,
} from '../testing/samples.ts';
import { shareTestDatabase } from '../testing/test-database.ts';

const database = shareTestDatabase();
let databaseUrl: string;
let store: Store;
let other: Store;
before(async () => {
  databaseUrl = await database.create();
  store = await database.openStore(databaseUrl);
  other = await database.openStore(databaseUrl);
});
after(() => database.stop());

const here = 'one-host/1/x';
const elsewhere = 'another-host/1/x';
const now = new Date('2024-02-03T04:05:06.789Z');

async function take(runId: string, owner = here): Promise<RunWork> {
  const work = await store.journal.takeRun(runId, owner);
  assert.ok(work);
  return work;
}

/** Makes a run of the scene and carries it to its end for all its customers. */
async function deliver(scene: Scene, window: Window = sampleWindow) {
  const run = await sampleRun(store, scene, window);
  const { lease } = await take(run.id);
  for (const { id } of scene.customers) {
    await store.journal.beginCommit(lease, id, now);
    await store.journal.updateRecipient(lease, id, { state: 'delivered' });
  }
  await store.journal.finishRun(lease, 'succeeded', now);
  return run;
}

/** All that a worker would take, in the order of their turns. */
async function waiting(owner: string): Promise<string[]> {
  const runIds: string[] = [];
  for (;;) {
    const next = await store.journal.nextRun(owner, { runIds, shares: [] });
    if (next === null) return runIds;
    runIds.push(next.runId);
  }
}

async function expireLease(runId: string): Promise<void> {
  await database.query(
    databaseUrl,
    `update causeway.runs set lease_renewed_at = now() - interval '1 minute' where id = $1`,
    [runId],
  );
}

describe('runs', () => {
  it('makes a run with its windows to the microsecond, and its job', async () => {
    const scene = await sampleScene(store, 2);
    const window = { from: '2023-01-01T00:00:00.123456Z', to: '2024-01-01T00:00:00.100Z' };

    const run = await sampleRun(store, scene, window);

    assert.equal(run.state, 'queued');
    assert.deepEqual(
      run.recipients.map((recipient) => recipient.customerId),
      scene.customers.map(({ id }) => id),
    );
    assert.deepEqual(run.recipients[0]?.window, window);
    assert.deepEqual(await store.runs.get(run.id), run);
    const jobs = await database.query(databaseUrl, 'select data from pgboss.job where data = $1', [
      { runId: run.id },
    ]);
    assert.equal(jobs.length, 1);
  });

  it('makes neither run nor job when one of them cannot be made', async () => {
    const scene = await sampleScene(store);
    const jobs = () => database.query(databaseUrl, 'select id from pgboss.job');
    const before = await jobs();

    const create = store.runs.create({
      deliveryId: scene.delivery.id,
      terms: sampleTerms,
      now,
      customerIds: ['cus_none'],
      planWindow: () => sampleWindow,
    });

    await assert.rejects(create);
    const list = await store.runs.list({ limit: 1, deliveryId: scene.delivery.id });
    assert.deepEqual(list, { items: [], nextCursor: null });
    assert.equal((await jobs()).length, before.length);
  });

  it('lists the runs of a customer and those in a state, by pages, newest first', async () => {
    const [mine, theirs] = [await sampleScene(store, 2), await sampleScene(store)];
    const customerId = mine.customers[1]?.id ?? '';
    const ids: string[] = [];
    for (const scene of [mine, theirs, mine]) {
      const { id } = await sampleRun(store, scene);
      await store.runs.cancel(id);
      ids.unshift(id);
    }
    const idsOf = async (query: object) =>
      (await store.runs.list({ limit: 10, ...query })).items.map(({ id }) => id);

    assert.deepEqual(await idsOf({ customerId }), [ids[0], ids[2]]);
    assert.deepEqual(await idsOf({ customerId, deliveryId: theirs.delivery.id }), []);
    const { id } = await sampleRun(store, mine);
    assert.deepEqual(await idsOf({ customerId, state: 'cancelled' }), [ids[0], ids[2]]);
    assert.deepEqual(await idsOf({ customerId, state: 'queued' }), [id]);
    const { items, nextCursor } = await store.runs.list({ limit: 1, customerId });
    const rest = await idsOf({ customerId, cursor: nextCursor });
    assert.deepEqual([items.map((run) => run.id), rest], [[id], [ids[0], ids[2]]]);
  });

  it('lets one of many win that start a run at the same moment, and names it to the others', async () => {
    const scene = await sampleScene(store);

    const made = await Promise.allSettled(
      [store, other, store, other, store].map((each) => sampleRun(each, scene)),
    );

    const won = made.filter((each) => each.status === 'fulfilled');
    assert.equal(won.length, 1);
    for (const each of made) {
      if (each.status === 'fulfilled') continue;
      assert.ok(CausewayError.is(each.reason, 'run_in_progress'));
      assert.equal(each.reason.details.runId, won[0]?.value.id);
    }
  });

  it('leaves out who is still being served, and only those', async () => {
    const scene = await sampleScene(store, 3);
    const [slow = '', served = '', failed = ''] = scene.customers.map(({ id }) => id);
    const first = await sampleRun(store, scene);
    const { lease } = await take(first.id);
    await store.journal.beginCommit(lease, served, now);
    await store.journal.updateRecipient(lease, served, { state: 'delivered' });
    await store.journal.updateRecipient(lease, failed, { state: 'failed' });
    const seen: [string, Window | null][] = [];

    const next = await store.runs.create({
      deliveryId: scene.delivery.id,
      terms: sampleTerms,
      now,
      customerIds: [slow, served, failed],
      planWindow: (last, customerId) => {
        seen.push([customerId, last]);
        return { from: last?.to ?? null, to: '2025-01-01T00:00:00.000Z' };
      },
    });

    assert.deepEqual(
      next.recipients.map(({ customerId, window }) => [customerId, window.from]),
      [
        [served, sampleWindow.to],
        [failed, null],
      ],
    );
    assert.deepEqual(next.leftOut, [slow]);
    assert.deepEqual(seen, [
      [served, sampleWindow],
      [failed, null],
    ]);
    await assert.rejects(sampleRun(other, scene), { code: 'run_in_progress' });
    // The first run goes on for the slow one, and its number is its own.
    const { sequence } = await store.journal.beginCommit(lease, slow, now);
    assert.equal(sequence, 1);
  });

  it('plans each window after the last delivery, however close that comes', async () => {
    const scene = await sampleScene(store);
    const customerId = scene.customers[0]?.id ?? '';
    const until = (to: string) => ({
      deliveryId: scene.delivery.id,
      terms: sampleTerms,
      now,
      customerIds: [customerId],
      planWindow: (last: Window | null) => ({ from: last?.to ?? null, to }),
    });
    const windows: Window[] = [];
    for (let day = 1; day <= 8; day++) {
      const run = await store.runs.create(until(`2024-01-0${day}T00:00:00.000Z`));
      const { lease } = await take(run.id);
      await store.journal.beginCommit(lease, customerId, now);
      const racing = Promise.allSettled(
        [store, other, store].map((each) =>
          each.runs.create(until(`2024-01-0${day}T12:00:00.000Z`)),
        ),
      );
      await store.journal.updateRecipient(lease, customerId, { state: 'delivered' });
      await store.journal.finishRun(lease, 'succeeded', now);
      const made = (await racing).flatMap((each) =>
        each.status === 'fulfilled' ? [each.value] : [],
      );
      assert.ok(made.length <= 1);
      for (const next of made) {
        const taken = await take(next.id);
        await store.journal.beginCommit(taken.lease, customerId, now);
        await store.journal.updateRecipient(taken.lease, customerId, { state: 'delivered' });
        await store.journal.finishRun(taken.lease, 'succeeded', now);
      }
      windows.push(...[run, ...made].flatMap(({ recipients }) => recipients.map((r) => r.window)));
    }

    assert.deepEqual(
      windows.map(({ from }) => from),
      [null, ...windows.slice(0, -1).map(({ to }) => to)],
    );
  });

  it('accepts the next run once the one before has ended', async () => {
    const scene = await sampleScene(store);
    const first = await deliver(scene);

    const second = await sampleRun(store, scene);

    const list = await store.runs.list({ limit: 10, deliveryId: scene.delivery.id });
    assert.deepEqual(
      list.items.map(({ id }) => id),
      [second.id, first.id],
    );
  });

  it('says when there is no such delivery or run', async () => {
    const create = store.runs.create({
      deliveryId: 'dlv_none',
      terms: sampleTerms,
      now,
      customerIds: [],
      planWindow: () => sampleWindow,
    });

    await assert.rejects(create, (error) => CausewayError.is(error, 'not_found'));
    await assert.rejects(store.runs.get('run_none'), /Cannot find run "run_none"/);
  });

  it('knows which window was delivered to whom, however it is written', async () => {
    const scene = await sampleScene(store, 2);
    const [first = '', second = ''] = scene.customers.map(({ id }) => id);
    const run = await sampleRun(store, scene);
    const { lease } = await take(run.id);
    await store.journal.beginCommit(lease, first, now);
    await store.journal.updateRecipient(lease, first, { state: 'delivered' });
    await store.journal.updateRecipient(lease, second, { state: 'failed' });
    const deliveredBy = async (window: Window) => {
      const { lease: next, recipients } = await take((await sampleRun(store, scene, window)).id);
      for (const id of [first, second]) {
        await store.journal.updateRecipient(next, id, { state: 'failed' });
      }
      return recipients.map(({ deliveredByRunId }) => deliveredByRunId);
    };

    const sameInstant = { from: null, to: '2024-01-01T00:00:00Z' };
    assert.deepEqual(await deliveredBy(sameInstant), [run.id, null]);
    const otherWindow = { ...sampleWindow, from: '2023-01-01T00:00:00Z' };
    assert.deepEqual(await deliveredBy(otherWindow), [null, null]);
  });
});

describe('the turns of runs', () => {
  it('let who has one run waiting take turns with who has many', async () => {
    const [many, one] = [await sampleScene(store), await sampleScene(store)];
    // Each of a delivery of its own, all to the same customer.
    const swarm = async (scene: Scene) => {
      const ids = scene.customers.map(({ id }) => id);
      const dataset = await store.datasets.insert(sampleDataset());
      const delivery = await store.deliveries.insert(sampleDelivery(dataset.id, ids));
      return (await sampleRun(store, { ...scene, delivery })).id;
    };
    const before = await waiting(here);
    const ours: string[] = [];
    for (let i = 0; i < 6; i++) ours.push(await swarm(many));
    await take(ours[0] ?? '');
    const theirs = [await swarm(one), await swarm(one)];

    const order = (await waiting(elsewhere)).filter((id) => !before.includes(id));

    const names = order.map((id) => (theirs.includes(id) ? 'one' : 'many'));
    assert.deepEqual(names, ['many', 'one', 'many', 'one', 'many', 'many', 'many']);
  });
});

describe('The window that the next is planned after', () => {
  it('stays the one that ends last when an older one is sent after it', async () => {
    const scene = await sampleScene(store);
    const newest = { from: null, to: '2024-06-01T00:00:00.000Z' };
    await deliver(scene, newest);
    await deliver(scene, { from: null, to: '2023-06-01T00:00:00.000Z' });
    const seen: (Window | null)[] = [];

    await store.runs.create({
      deliveryId: scene.delivery.id,
      terms: sampleTerms,
      now,
      customerIds: scene.customers.map(({ id }) => id),
      planWindow: (last) => {
        seen.push(last);
        return sampleWindow;
      },
    });

    assert.deepEqual(seen, [newest]);
  });
});

describe('journal.takeRun()', () => {
  it('gives a run to one of many workers that want it at the same moment', async () => {
    const run = await sampleRun(store, await sampleScene(store));

    const taken = await Promise.all(
      [1, 2, 3, 4].map((n) => (n % 2 ? store : other).journal.takeRun(run.id, `host-${n}/1/x`)),
    );

    assert.equal(taken.filter((work) => work !== null).length, 1);
    const { state, attempt, startedAt } = await store.runs.get(run.id);
    assert.deepEqual([state, attempt], ['running', 1]);
    assert.ok(startedAt);
  });

  it('tells all that the work needs', async () => {
    const scene = await sampleScene(store, 2);
    const run = await sampleRun(store, scene);

    const work = await take(run.id);

    const dataset = await store.datasets.get(scene.delivery.datasetId);
    assert.deepEqual(work.lease, { runId: run.id, owner: here, attempt: 1 });
    assert.equal(work.createdAt.toISOString(), run.createdAt);
    const { id } = scene.delivery;
    assert.deepEqual(work.delivery, { id, ...DeliveryTerms.parse(scene.delivery) });
    assert.equal(work.dataset.name, dataset.name);
    assert.deepEqual(work.dataset.schema, dataset.schema);
    const connection = scene.connections[1];
    assert.deepEqual(work.recipients[1], {
      customerId: scene.customers[1]?.id,
      reference: scene.customers[1]?.reference,
      connection,
      state: 'planned',
      window: sampleWindow,
      deliveredByRunId: null,
      position: null,
      forget: null,
      manifest: null,
      left: [],
    });
    assert.equal((await store.runs.get(run.id)).recipients[1]?.connectionId, connection?.id);
  });

  it('refuses a run that another host holds until its lease is over', async () => {
    const run = await sampleRun(store, await sampleScene(store));
    await take(run.id, elsewhere);

    assert.equal(await store.journal.takeRun(run.id, here), null);
    assert.ok(!(await waiting(here)).includes(run.id));
    await expireLease(run.id);

    assert.ok((await waiting(here)).includes(run.id));
    assert.equal((await take(run.id)).lease.attempt, 2);
  });

  it('takes a run at once from a process of this host that was killed', async () => {
    const run = await sampleRun(store, await sampleScene(store));
    const owner = newLeaseOwner();
    // No process has a number this high.
    await take(run.id, owner.replace(/\/\d+\//, '/99999999/'));

    assert.ok((await waiting(owner)).includes(run.id));
    assert.equal((await take(run.id, owner)).lease.attempt, 2);
    assert.equal(await store.journal.takeRun(run.id, owner), null);
  });

  it('takes no run that has ended or does not exist', async () => {
    const run = await deliver(await sampleScene(store));

    assert.equal(await store.journal.takeRun(run.id, here), null);
    assert.equal(await store.journal.takeRun('run_none', here), null);
    assert.ok(!(await waiting(here)).includes(run.id));
  });

  it('names the run that delivered the same window before', async () => {
    const scene = await sampleScene(store);
    const first = await deliver(scene);

    const second = await take((await sampleRun(store, scene)).id);

    assert.equal(second.recipients[0]?.deliveredByRunId, first.id);
  });

  it("takes the customer's default, and without one that may deliver an active one, then the newest", async () => {
    const scene = await sampleScene(store);
    const customerId = scene.customers[0]?.id ?? '';
    const theDefault = scene.connections[0]?.id ?? '';
    const newer = await store.connections.insert(sampleConnection(customerId));
    await store.connections.insert(sampleConnection(customerId, { status: 'failing' }));
    const chosen = async () => {
      const run = await sampleRun(store, scene);
      const work = await take(run.id);
      await store.journal.updateRecipient(work.lease, customerId, { state: 'failed' });
      await store.journal.finishRun(work.lease, 'failed', new Date());
      return work.recipients[0]?.connection?.id;
    };

    assert.equal(await chosen(), theDefault);
    await store.connections.update(theDefault, (found) => ({ ...found, capabilities: ['ingest'] }));
    assert.equal(await chosen(), newer.id);
  });

  it('keeps the connection that uploads were begun under, and else chooses again', async () => {
    const scene = await sampleScene(store, 2);
    const [first = '', second = ''] = scene.customers.map(({ id }) => id);
    const run = await sampleRun(store, scene);
    const { lease } = await take(run.id, elsewhere);
    await store.journal.openUpload(lease, upload(first, 'u1'));
    for (const id of [first, second]) {
      const other = await store.connections.insert(sampleConnection(id));
      await store.connections.update(other.id, (found) => ({ ...found, isDefault: true }));
    }
    await store.journal.releaseRun(lease);

    const again = await take(run.id);

    assert.equal(again.recipients[0]?.connection?.id, scene.connections[0]?.id);
    assert.notEqual(again.recipients[1]?.connection?.id, scene.connections[1]?.id);
  });

  it('leaves the connection open for a customer that has none', async () => {
    const scene = await sampleScene(store);
    await database.query(databaseUrl, 'delete from causeway.connections where customer_id = $1', [
      scene.customers[0]?.id,
    ]);

    const work = await take((await sampleRun(store, scene)).id);

    assert.equal(work.recipients[0]?.connection, null);
  });
});

function upload(customerId: string, uploadId: string): OpenUpload {
  return {
    customerId,
    kind: 'data',
    fileIndex: 0,
    key: `key-${uploadId}`,
    uploadId,
    token: 'token',
  };
}

const part = (partNumber: number, bytes: number) => ({
  partNumber,
  bytes,
  etag: `"${partNumber}"`,
  crc32: 'AAAAAA==',
});

const keptFile = (customerId: string): KeptFile => {
  const { uploadId: _none, ...file } = upload(customerId, 'small');
  return { ...file, rows: 2, bytes: 3, sha256: 'abc', body: Buffer.from([0, 1, 255]) };
};

describe('journal', () => {
  it('refuses a worker that has lost its lease, even to read what it might abort', async () => {
    const scene = await sampleScene(store);
    const customerId = scene.customers[0]?.id ?? '';
    const run = await sampleRun(store, scene);
    const { lease } = await take(run.id, elsewhere);
    await store.journal.openUpload(lease, upload(customerId, 'u'));
    await expireLease(run.id);
    await take(run.id);
    const { journal } = store;

    const calls: (() => Promise<unknown>)[] = [
      () => journal.renewLease(lease),
      () => journal.releaseRun(lease),
      () => journal.updateRecipient(lease, customerId, { state: 'delivered' }),
      () => journal.openUpload(lease, upload(customerId, 'v')),
      () => journal.recordPart(lease, 'u', part(1, 10)),
      () => journal.sealUpload(lease, 'u', { rows: 1, bytes: 10, sha256: 'x' }),
      () => journal.keepFile(lease, keptFile(customerId)),
      () => journal.uploadsOf(lease, customerId),
      () => journal.dropUpload(lease, 'u'),
      () => journal.beginCommit(lease, customerId, now),
      () => journal.completeUpload(lease, 'u', 'etag'),
      () => journal.recordManifest(lease, customerId, { key: 'k', body: 'b' }),
      () => journal.finishRun(lease, 'succeeded', now),
    ];

    for (const call of calls) await assert.rejects(call(), LeaseLostError);
    const { state, recipients } = await store.runs.get(run.id);
    assert.deepEqual([state, recipients[0]?.state], ['running', 'planned']);
  });

  it('lets no write through once the run is taken over, however close they come', async () => {
    const scene = await sampleScene(store);
    const customerId = scene.customers[0]?.id ?? '';
    const run = await sampleRun(store, scene);
    const { lease } = await take(run.id, elsewhere);
    await store.journal.openUpload(lease, upload(customerId, 'race'));
    await expireLease(run.id);

    const parts = Array.from({ length: 20 }, (_, i) =>
      store.journal.recordPart(lease, 'race', part(i + 1, 1)).then(
        () => true,
        () => false,
      ),
    );
    const taken = await other.journal.takeRun(run.id, here);
    assert.ok(taken);
    const seen = await other.journal.uploadsOf(taken.lease, customerId);
    const written = (await Promise.all(parts)).filter(Boolean).length;

    assert.equal(seen[0]?.parts.length, written);
  });

  it('keeps the columns that a run has sent first, whatever becomes of its dataset', async () => {
    const scene = await sampleScene(store);
    const run = await sampleRun(store, scene);
    const { lease, dataset, schema } = await take(run.id);
    const column = (name: string) => ({ name, type: 'VARCHAR', nullable: true });
    const sent = [...dataset.schema, column('added')];

    await store.journal.fixSchema(lease, sent, true);
    await store.journal.fixSchema(lease, [...sent, column('later')], true);
    const evolved = await store.datasets.get(dataset.id);
    await store.datasets.update(dataset.id, (was) => ({ ...was, schema: [column('other')] }));
    await store.journal.releaseRun(lease);
    const again = await take(run.id);

    assert.equal(schema, null);
    assert.deepEqual(evolved.schema, sent);
    assert.deepEqual(again.schema, sent);
    const { items } = await store.events.list({ limit: 10, datasetId: dataset.id });
    const [changed, grown] = items;
    assert.deepEqual(grown?.after, { columns: { added: { type: 'VARCHAR', nullable: true } } });
    assert.equal(grown?.runId, run.id);
    assert.equal(changed?.type, 'dataset.schema_changed');
    await assert.rejects(store.journal.fixSchema(lease, sent, true), LeaseLostError);
  });

  it('keeps the bytes of a small file until it is sent, and not a moment longer', async () => {
    const scene = await sampleScene(store);
    const customerId = scene.customers[0]?.id ?? '';
    const { lease } = await take((await sampleRun(store, scene)).id);
    const { journal } = store;
    const file = keptFile(customerId);

    await journal.keepFile(lease, file);
    const [kept] = await journal.uploadsOf(lease, customerId);
    await journal.completeUpload(lease, file.token, 'etag');
    const [sent] = await journal.uploadsOf(lease, customerId);

    const { rows, bytes, sha256, ...rest } = file;
    const sealed = { rows, bytes, sha256 };
    const common = { ...rest, uploadId: file.token, parts: [], sealed };
    assert.deepEqual(kept, { ...common, state: 'sealed', etag: null });
    assert.deepEqual(sent, { ...common, state: 'completed', body: null, etag: 'etag' });
  });

  it('keeps uploads and parts, and counts the bytes while they come', async () => {
    const scene = await sampleScene(store);
    const customerId = scene.customers[0]?.id ?? '';
    const run = await sampleRun(store, scene);
    const { lease } = await take(run.id);
    const { journal } = store;
    await journal.updateRecipient(lease, customerId, { state: 'preparing' });
    await journal.openUpload(lease, { ...upload(customerId, 'b'), fileIndex: 1 });
    await journal.openUpload(lease, upload(customerId, 'a'));

    await Promise.all([2, 3, 1].map((n) => journal.recordPart(lease, 'a', part(n, n * 100))));
    await journal.recordPart(lease, 'a', { ...part(2, 250), etag: '"again"' });

    assert.equal((await store.runs.get(run.id)).recipients[0]?.bytes, 650);
    const uploads = await journal.uploadsOf(lease, customerId);
    assert.deepEqual(uploads[0], {
      ...upload(customerId, 'a'),
      state: 'open',
      parts: [part(1, 100), { ...part(2, 250), etag: '"again"' }, part(3, 300)],
      sealed: null,
      body: null,
      etag: null,
    });
    const sealed = { rows: 7, bytes: 650, sha256: 'ff' };
    await journal.sealUpload(lease, 'a', sealed);
    await journal.completeUpload(lease, 'a', '"done"');
    await journal.dropUpload(lease, 'b');
    const [only, ...rest] = await journal.uploadsOf(lease, customerId);
    assert.deepEqual(rest, []);
    assert.deepEqual([only?.state, only?.sealed, only?.etag], ['completed', sealed, '"done"']);
  });

  it('keeps what many recipients write at once, and lets none fail for another', async () => {
    const scene = await sampleScene(store, 5);
    const ids = scene.customers.map(({ id }) => id);
    const [first = '', second = ''] = ids;
    const run = await sampleRun(store, scene);
    const { lease } = await take(run.id);
    const { journal } = store;
    const refusals = async (writes: readonly Promise<unknown>[]) => {
      const results = await Promise.allSettled(writes);
      return results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []));
    };

    const opened = await refusals([
      ...ids.map((id, i) => journal.openUpload(lease, upload(id, `many-${i}`))),
      // A store that gives the same id twice.
      journal.openUpload(lease, upload(second, 'many-0')),
    ]);
    const sent = await refusals([
      ...ids.map((_, i) => journal.recordPart(lease, `many-${i}`, part(1, 10 + i))),
      journal.recordPart(lease, 'many-0', part(2, 100)),
      journal.recordPart(lease, 'many-0', part(1, 11)),
      journal.recordPart(lease, 'none', part(1, 1)),
    ]);
    const completed = await refusals([
      ...ids.map((_, i) => journal.completeUpload(lease, `many-${i}`, `"${i}"`)),
      journal.completeUpload(lease, 'none', '"x"'),
    ]);
    const requests = { s3: 1, sts: 0, retries: 0 };
    const updated = await refusals([
      ...ids.map((id, i) => journal.updateRecipient(lease, id, { rows: i, requests })),
      journal.updateRecipient(lease, second, { files: 3, requests }),
      journal.updateRecipient(lease, 'cust_none', { rows: 1 }),
    ]);

    assert.deepEqual(
      { opened, sent, completed, updated },
      {
        opened: [5],
        sent: [7],
        completed: [5],
        updated: [6],
      },
    );
    const uploads = await Promise.all(ids.map((id) => journal.uploadsOf(lease, id)));
    assert.deepEqual(
      uploads.map(([own, ...rest]) => [own?.uploadId, own?.state, own?.etag, rest.length]),
      ids.map((_, i) => [`many-${i}`, 'completed', `"${i}"`, 0]),
    );
    assert.deepEqual(
      uploads.map(([own]) => own?.parts.map(({ bytes }) => bytes)),
      [[11, 100], [11], [12], [13], [14]],
    );
    const shown = (await store.runs.get(run.id)).recipients;
    assert.deepEqual(
      shown.map(({ rows, files, requests: { s3 } }) => [rows, files, s3]),
      [
        [0, 0, 1],
        [1, 3, 2],
        [2, 0, 1],
        [3, 0, 1],
        [4, 0, 1],
      ],
    );
    const positions = await Promise.all(ids.map((id) => journal.beginCommit(lease, id, now)));
    const position = { sequence: 1, previousRunId: null, committedAt: now };
    assert.deepEqual(
      positions,
      ids.map(() => position),
    );
    const manifest = (id: string, body: string) =>
      journal.recordManifest(lease, id, { key: 'manifest.json', body });
    await Promise.all(ids.map((id) => manifest(id, `of ${id}`)));
    const again = await refusals(ids.map((id) => manifest(id, `of ${first}`)));
    assert.deepEqual(again, [1, 2, 3, 4]);
  });

  it('refuses all that many write at once under a lease that was lost', async () => {
    const scene = await sampleScene(store, 4);
    const run = await sampleRun(store, scene);
    const { lease } = await take(run.id, elsewhere);
    await expireLease(run.id);
    await take(run.id);

    const writes = await Promise.allSettled(
      scene.customers.map(({ id }) => store.journal.beginCommit(lease, id, now)),
    );

    const isRefused = (write: PromiseSettledResult<unknown>) =>
      write.status === 'rejected' && write.reason instanceof LeaseLostError;
    assert.deepEqual(writes.map(isRefused), [true, true, true, true]);
    const { recipients } = await store.runs.get(run.id);
    assert.deepEqual(
      recipients.map(({ sequence }) => sequence),
      [null, null, null, null],
    );
  });

  it('refuses what has waited while its run was taken over', async () => {
    const scene = await sampleScene(store, 2);
    const run = await sampleRun(store, scene);
    const { lease } = await take(run.id, elsewhere);
    const taker = new pg.Client({ connectionString: databaseUrl });
    await taker.connect();
    const isWaitedFor = async () => {
      const { rows } = await taker.query('select from pg_locks where not granted');
      return rows.length > 0;
    };

    await taker.query('begin');
    await taker.query('update causeway.runs set attempt = attempt + 1 where id = $1', [run.id]);
    // All that they see when they begin says that the lease is held.
    const begun = Promise.allSettled(
      scene.customers.map(({ id }) => store.journal.beginCommit(lease, id, now)),
    );
    while (!(await isWaitedFor()));
    await taker.query('commit');
    await taker.end();

    for (const write of await begun) {
      assert.ok(write.status === 'rejected' && write.reason instanceof LeaseLostError);
    }
    const { recipients } = await store.runs.get(run.id);
    assert.deepEqual(
      recipients.map(({ state, sequence }) => [state, sequence]),
      [
        ['planned', null],
        ['planned', null],
      ],
    );
  });

  it('gives sequence numbers without a gap, and the same one again to the same run', async () => {
    const scene = await sampleScene(store);
    const customerId = scene.customers[0]?.id ?? '';
    const first = await deliver(scene);
    const run = await sampleRun(store, scene, { from: null, to: '2025-01-01T00:00:00.000Z' });
    const { lease } = await take(run.id, elsewhere);

    const position = await store.journal.beginCommit(lease, customerId, now);
    await store.journal.releaseRun(lease);
    const again = await take(run.id);

    const expected = { sequence: 2, previousRunId: first.id, committedAt: now };
    assert.deepEqual(position, expected);
    assert.deepEqual(again.recipients[0]?.position, expected);
    assert.equal(again.recipients[0]?.state, 'committing');
    const later = new Date(now.getTime() + 1000);
    assert.deepEqual(await store.journal.beginCommit(again.lease, customerId, later), expected);
  });

  it('lets a run that pauses rest, until its time has come or somebody cancels it', async () => {
    const [resting, cancelled] = [await sampleScene(store), await sampleScene(store)];
    const runs = [await sampleRun(store, resting), await sampleRun(store, cancelled)];
    for (const { id } of runs) await store.journal.releaseRun((await take(id)).lease, 3600);
    const offered = async () => {
      const found = await waiting(here);
      return runs.map(({ id }) => found.includes(id));
    };

    const hoursLeft = async () => {
      const found = await Promise.all(runs.map(({ id }) => store.runs.get(id)));
      return found.map(
        ({ resumeAt: at }) => at && Math.round((Date.parse(at) - Date.now()) / 36e5),
      );
    };

    assert.deepEqual(await offered(), [false, false]);
    assert.deepEqual(await hoursLeft(), [1, 1]);
    await store.runs.cancel(runs[1]?.id ?? '');
    assert.deepEqual(await offered(), [false, true]);
    assert.deepEqual(await hoursLeft(), [1, null]);
    // Who asks for it by name gets it.
    const { lease } = await take(runs[0]?.id ?? '');
    await store.journal.releaseRun(lease);
    assert.deepEqual(await offered(), [true, true]);
    assert.deepEqual(await hoursLeft(), [null, null]);
  });

  it('lets no run rest that somebody has cancelled while a worker had it', async () => {
    const { id } = await sampleRun(store, await sampleScene(store));
    const { lease } = await take(id);
    await store.runs.cancel(id);
    await store.journal.releaseRun(lease, 3600);

    assert.equal((await store.runs.get(id)).resumeAt, null);
    assert.ok((await waiting(here)).includes(id));
  });

  it('tells the next run of uploads that one which was given up has left', async () => {
    const scene = await sampleScene(store);
    const customerId = scene.customers[0]?.id ?? '';
    const { lease } = await take((await sampleRun(store, scene)).id);
    await store.journal.openUpload(lease, upload(customerId, 'left'));
    await store.journal.openUpload(lease, { ...upload(customerId, 'sent'), fileIndex: 1 });
    await store.journal.completeUpload(lease, 'sent', 'etag');
    await store.journal.updateRecipient(lease, customerId, { state: 'failed' });
    await store.journal.finishRun(lease, 'failed', now);

    const next = await take((await sampleRun(store, scene)).id);
    const left = next.recipients[0]?.left ?? [];
    await store.journal.dropLeft(next.lease, left);
    await store.journal.releaseRun(next.lease);
    const after = await take(next.lease.runId);

    assert.deepEqual(left, [{ runId: lease.runId, uploadId: 'left', key: 'key-left' }]);
    assert.deepEqual(after.recipients[0]?.left, []);
  });

  it('gives the number of a recipient that failed after all to the next run', async () => {
    const scene = await sampleScene(store);
    const customerId = scene.customers[0]?.id ?? '';
    const failed = await sampleRun(store, scene);
    const { lease } = await take(failed.id);
    await store.journal.beginCommit(lease, customerId, now);
    const failure = {
      code: 'object_exists',
      message: 'm',
      hint: 'h',
      side: 'customer' as const,
      cause: null,
    };
    await store.journal.updateRecipient(lease, customerId, { state: 'failed', failure });
    await store.journal.finishRun(lease, 'failed', now);

    const next = await take((await sampleRun(store, scene)).id);
    const position = await store.journal.beginCommit(next.lease, customerId, now);

    assert.deepEqual(position, { sequence: 1, previousRunId: null, committedAt: now });
    const shown = await store.runs.get(failed.id);
    assert.deepEqual(shown.recipients[0]?.failure, failure);
    assert.equal(shown.recipients[0]?.sequence, null);
    assert.equal(shown.completedAt, now.toISOString());
  });

  it('keeps the bytes of a manifest once and for all', async () => {
    const scene = await sampleScene(store);
    const customerId = scene.customers[0]?.id ?? '';
    const run = await sampleRun(store, scene);
    const { lease } = await take(run.id);
    const manifest = { key: 'manifest.json', body: '{ "a": 1 }\n' };

    await store.journal.recordManifest(lease, customerId, manifest);
    await store.journal.recordManifest(lease, customerId, manifest);

    const changed = { ...manifest, body: '{}' };
    await assert.rejects(store.journal.recordManifest(lease, customerId, changed), /another/);
    assert.equal((await store.runs.get(run.id)).recipients[0]?.manifestKey, null);
    await store.journal.releaseRun(lease);
    assert.deepEqual((await take(run.id)).recipients[0]?.manifest, manifest);
  });
});

describe('watchRun()', () => {
  it('tells of changes made through another process until it is ended', async () => {
    const scene = await sampleScene(store);
    const run = await sampleRun(store, scene);
    const ending = new AbortController();
    const states: string[] = [];

    const watching = (async () => {
      for await (const _ of store.watchRun(run.id, ending.signal)) {
        const { state } = await store.runs.get(run.id);
        if (states.at(-1) !== state) states.push(state);
        if (state === 'queued') await other.journal.takeRun(run.id, here);
        if (state === 'running') {
          const lease = { runId: run.id, owner: here, attempt: 1 };
          await other.journal.finishRun(lease, 'failed', now);
        }
        if (state === 'failed') ending.abort();
      }
    })();
    await watching;

    assert.deepEqual(states, ['queued', 'running', 'failed']);
  });

  it('goes on after its connection was lost', async () => {
    const scene = await sampleScene(store);
    const run = await sampleRun(store, scene);
    const ending = new AbortController();
    const watch = store.watchRun(run.id, ending.signal)[Symbol.asyncIterator]();
    await watch.next();
    await database.query(
      databaseUrl,
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'causeway watch' and datname = current_database()`,
    );

    await take(run.id);
    const told = await watch.next();

    assert.equal(told.done, false);
    ending.abort();
    let last = await watch.next();
    while (!last.done) last = await watch.next();
  });
});
