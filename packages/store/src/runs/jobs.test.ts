import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newLeaseOwner } from '../lease-owner.ts';
import type { Store } from '../open-store.ts';
import { type Scene, sampleDelivery, sampleRun, sampleScene } from '../testing/samples.ts';
import { shareTestDatabase } from '../testing/test-database.ts';

describe('startWorker()', () => {
  const database = shareTestDatabase();
  let store: Store;
  before(async () => {
    store = await database.openStore();
  });
  after(() => database.stop());

  const owner = newLeaseOwner();

  /** What executeRun does, less the delivery. */
  async function finish(runId: string, holder = owner): Promise<boolean> {
    const work = await store.journal.takeRun(runId, holder);
    if (!work) return false;
    await store.journal.finishRun(work.lease, 'succeeded', new Date());
    return true;
  }

  async function untilEnded(runId: string): Promise<void> {
    for await (const _ of store.watchRun(runId, AbortSignal.timeout(60_000))) {
      if ((await store.runs.get(runId)).completedAt !== null) return;
    }
    assert.fail('the run has not ended within a minute');
  }

  it('works on a run that is made while it waits', async () => {
    const worker = await store.jobs.startWorker({
      workOnRun: (id) => finish(id),
      concurrency: 2,
      owner,
    });

    const run = await sampleRun(store, await sampleScene(store));

    await untilEnded(run.id);
    await worker.stop();
  });

  it('takes up at once what a killed worker of this host has left', async () => {
    const run = await sampleRun(store, await sampleScene(store));
    const killed = owner.replace(/\/\d+\//, '/99999999/');
    await store.journal.takeRun(run.id, killed);

    const worker = await store.jobs.startWorker({
      workOnRun: (id) => finish(id),
      concurrency: 1,
      owner,
    });

    await untilEnded(run.id);
    await worker.stop();
    assert.equal((await store.runs.get(run.id)).attempt, 2);
  });

  it('works on no more runs at once than it may, and on each once', async () => {
    const runs = [];
    for (let i = 0; i < 5; i++) runs.push(await sampleRun(store, await sampleScene(store)));
    let atOnce = 0;
    let most = 0;
    const finished: string[] = [];
    const { promise: two, resolve: thereAreTwo } = Promise.withResolvers<void>();
    const workOnRun = async (id: string) => {
      most = Math.max(most, ++atOnce);
      if (atOnce === 2) thereAreTwo();
      await two;
      // Time for one too many to come.
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (await finish(id)) finished.push(id);
      atOnce--;
    };

    const worker = await store.jobs.startWorker({ workOnRun, concurrency: 2, owner });
    for (const run of runs) await untilEnded(run.id);
    await worker.stop();

    assert.equal(most, 2);
    assert.deepEqual(finished.sort(), runs.map(({ id }) => id).sort());
  });

  it('keeps a place free for others, however much one customer has waiting', async () => {
    const many = await sampleScene(store);
    const one = await sampleScene(store);
    const runOf = async (scene: Scene) => {
      const ids = scene.customers.map(({ id }) => id);
      const { datasetId } = scene.delivery;
      const delivery = await store.deliveries.insert(sampleDelivery(datasetId, ids));
      return (await sampleRun(store, { ...scene, delivery })).id;
    };
    const swarm: string[] = [];
    for (let i = 0; i < 8; i++) swarm.push(await runOf(many));
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let mostOfMany = 0;
    let ofMany = 0;
    const workOnRun = async (id: string) => {
      if (swarm.includes(id)) {
        mostOfMany = Math.max(mostOfMany, ++ofMany);
        await released;
        ofMany--;
      }
      await finish(id);
    };
    const worker = await store.jobs.startWorker({ workOnRun, concurrency: 3, owner });

    // While all that the one customer may have is at work for long, the other is served.
    for (let i = 0; i < 4; i++) await untilEnded(await runOf(one));
    release();
    for (const id of swarm) await untilEnded(id);
    await worker.stop();

    assert.equal(mostOfMany, 2);
  });

  it('lets work in hand end when it is stopped, and aborts it after the grace time', async () => {
    const run = await sampleRun(store, await sampleScene(store));
    const events: string[] = [];
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const workOnRun = async (id: string, signal: AbortSignal) => {
      begin();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      events.push('aborted');
      await finish(id);
      events.push('ended');
    };
    const worker = await store.jobs.startWorker({
      workOnRun,
      concurrency: 1,
      owner,
      graceSeconds: 0.1,
    });
    await begun;

    await worker.stop();

    assert.deepEqual(events, ['aborted', 'ended']);
    assert.equal((await store.runs.get(run.id)).state, 'succeeded');
  });

  it('tells of work that failed and goes on with the next', async () => {
    const broken = await sampleRun(store, await sampleScene(store));
    const errors: [string | null, unknown][] = [];
    const worker = await store.jobs.startWorker({
      async workOnRun(id) {
        if (id === broken.id) throw new Error('a bug');
        await finish(id);
      },
      concurrency: 1,
      owner,
      onError: (error, runId) => errors.push([runId, error]),
    });

    const next = await sampleRun(store, await sampleScene(store));

    await untilEnded(next.id);
    await worker.stop();
    assert.equal(errors[0]?.[0], broken.id);
    await finish(broken.id);
  });
});
