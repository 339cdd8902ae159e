import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Run, RunFailure } from '@causeway/contract';
import type { Store } from '../open-store.ts';
import { type Scene, sampleRun, sampleScene, sampleWindow } from '../testing/samples.ts';
import { shareTestDatabase } from '../testing/test-database.ts';

const database = shareTestDatabase();
let databaseUrl: string;
let store: Store;
let scene: Scene;
before(async () => {
  databaseUrl = await database.create();
  store = await database.openStore(databaseUrl);
});
after(() => database.stop());
beforeEach(async () => {
  scene = await sampleScene(store);
});

const failure: RunFailure = { code: 'x', message: 'm', hint: 'h', side: 'aws', cause: null };
const update = (text: string, ...values: unknown[]) => database.query(databaseUrl, text, values);

/** A run that failed so many hours ago, and whose time to be tried again has come. */
async function dueRun(awaits: 'time' | 'connection', hoursAgo = 0): Promise<Run> {
  const run = await sampleRun(store, scene, sampleWindow);
  const work = await store.journal.takeRun(run.id, 'host/1/x');
  assert.ok(work);
  const retry = { afterSeconds: 60, awaits };
  const change = { state: 'failed', failure, retry } as const;
  for (const { id } of scene.customers) {
    await store.journal.updateRecipient(work.lease, id, change);
  }
  await store.journal.finishRun(work.lease, 'failed', new Date());
  await update(
    `update causeway.run_recipients set retry_at = now(),
      ended_at = ended_at - make_interval(hours => $2) where run_id = $1`,
    run.id,
    hoursAgo,
  );
  return run;
}

async function retryOf({ id }: Run) {
  const [recipient] = (await store.runs.get(id)).recipients;
  return recipient?.retry ?? null;
}

/** In how many minutes, if at all, it is tried when no run could be made of it. */
async function minutesUntilNextTry(run: Run): Promise<number | null> {
  const due = await store.dueRetries.take();
  assert.equal(due?.runId, run.id);
  await store.dueRetries.giveBack(due, 'later');
  const retry = await retryOf(run);
  return retry && Math.round((Date.parse(retry.at) - Date.now()) / 60_000);
}

describe('DueRetries', () => {
  it('gives what is due to one who asks, and to nobody else for a while', async () => {
    const run = await dueRun('time');

    const taken = await Promise.all([store.dueRetries.take(), store.dueRetries.take()]);

    assert.deepEqual(
      taken.filter((due) => due !== null),
      [{ runId: run.id, customerIds: scene.customers.map(({ id }) => id) }],
    );
    assert.equal(await store.dueRetries.take(), null);
  });

  it('waits longer the longer no run can be made, and gives up on what nobody need mend', async () => {
    assert.equal(await minutesUntilNextTry(await dueRun('time')), 1);
    scene = await sampleScene(store);
    assert.equal(await minutesUntilNextTry(await dueRun('time', 1)), 30);
    scene = await sampleScene(store);
    assert.equal(await minutesUntilNextTry(await dueRun('time', 7)), 60);
    scene = await sampleScene(store);
    assert.equal(await minutesUntilNextTry(await dueRun('time', 9)), null);
  });

  it('waits for the customer until a check finds a connection healthy, and has it made', async () => {
    const [{ id } = { id: '' }] = scene.connections;
    const run = await dueRun('connection');
    await update(
      'update causeway.connections set last_checked_at = now() - $2::interval where id = $1',
      id,
      '1 day',
    );
    await update("update causeway.connections set next_check_at = 'infinity' where id = $1", id);
    assert.equal(await store.dueRetries.take(), null);

    await store.dueRetries.askForChecks();

    const rows = await update(
      'select next_check_at <= now() as due from causeway.connections where id = $1',
      id,
    );
    assert.deepEqual(rows, [{ due: true }]);
    const checked =
      'update causeway.connections set last_checked_at = now(), status = $2 where id = $1';
    await update(checked, id, 'needs_customer');
    assert.equal(await store.dueRetries.take(), null);
    await update(checked, id, 'active');
    assert.equal((await store.dueRetries.take())?.runId, run.id);
  });

  it('leaves alone what a later run sends, what was cancelled, and what is paused or ended', async () => {
    const sent = await dueRun('time');
    const later = await sampleRun(store, scene, sampleWindow);
    assert.equal(await retryOf(sent), null);
    await store.runs.cancel(later.id);
    const paused = await dueRun('time');
    const { id } = scene.delivery;
    await store.deliveries.update(id, (delivery) => ({ ...delivery, status: 'paused' }));
    assert.equal(await store.dueRetries.take(), null);
    assert.ok(await retryOf(paused));

    await store.runs.cancelAll(id);

    assert.equal(await retryOf(paused), null);
  });

  it('tries nothing again of a run that was cancelled in the middle', async () => {
    const run = await sampleRun(store, scene, sampleWindow);
    const work = await store.journal.takeRun(run.id, 'host/1/x');
    const [customer] = scene.customers;
    assert.ok(work && customer);
    assert.deepEqual(await store.journal.renewLease(work.lease), { cancelRequested: false });
    await store.runs.cancel(run.id);
    assert.deepEqual(await store.journal.renewLease(work.lease), { cancelRequested: true });
    const retry = { afterSeconds: 60, awaits: 'time' } as const;
    await store.journal.updateRecipient(work.lease, customer.id, {
      state: 'failed',
      failure,
      retry,
    });
    await store.journal.finishRun(work.lease, 'failed', new Date());

    assert.equal(await retryOf(run), null);
  });
});
