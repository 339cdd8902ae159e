import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, DeliveryTerms } from '@causeway/contract';
import type { Engine } from '@causeway/engine';
import {
  createMemoryStore,
  createPartMemory,
  createThreadedDigester,
  type ObjectStore,
} from '@causeway/objectstore';
import { executeRun } from './execute-run.ts';
import { LeaseLostError, type RecipientWork, type RunWork } from './journal.ts';
import type { RunDeps } from './run-deps.ts';
import { newSigningKeyPem, openSigningKey } from './signature.ts';
import { memoryJournal } from './testing/memory-journal.ts';

const spillDir = mkdtempSync(join(tmpdir(), 'causeway-waves-'));
const digester = createThreadedDigester();
after(async () => {
  await digester.close();
  await rm(spillDir, { recursive: true });
});

const window = { from: null, to: '2026-11-22T00:00:00.000Z' };
const chunk = Buffer.alloc(256 * 1024, 'x');
const rounds = 120;

/**
 * Writes to its outputs in turn, as DuckDB does: one that is not read holds up the others.
 * The first customer has 30 MB, more than six parts; each of the others a few KB.
 */
function lockstepEngine(): Pick<Engine, 'unload'> & { readonly scans: (readonly string[])[] } {
  const scans: (readonly string[])[] = [];
  return {
    scans,
    async unload(job, consume, signal) {
      assert.equal(job.split.type, 'byColumn');
      const values = job.split.type === 'byColumn' ? job.split.values : [];
      scans.push(values);
      const outputs = values.map((value, index) => {
        let taken = () => {};
        const read = () => taken();
        const stream = new Readable({ objectMode: true, highWaterMark: 1, read, destroy: end });
        function end(error: Error | null, done: (error: Error | null) => void) {
          taken();
          done(error);
        }
        const consumed = consume(index, stream, { number: 0, partition: [] });
        const piece = value === 'customer-0' ? chunk : chunk.subarray(0, 100);
        const write = () =>
          new Promise<void>((resolve) => {
            taken = resolve;
            if (stream.destroyed || stream.push(Buffer.from(piece))) resolve();
          });
        return { stream, consumed, write, bytes: piece.length * rounds };
      });
      for (let round = 0; round < rounds; round++) {
        signal?.throwIfAborted();
        for (const output of outputs) await output.write();
      }
      for (const { stream } of outputs) if (!stream.destroyed) stream.push(null);
      await Promise.all(outputs.map(({ consumed }) => consumed));
      const files = outputs.map(({ bytes }) => [{ rows: rounds, bytes }]);
      return { schema: [], files, outputs: files.flat(), sourceVersion: '' };
    },
  };
}

function runFor(customers: number): RunWork {
  const recipients = Array.from({ length: customers }, (_, i): RecipientWork => {
    const customerId = `customer-${i}`;
    const connection = { id: customerId, prefix: 'in/', capabilities: ['deliver'] };
    return {
      customerId,
      reference: customerId,
      connection: connection as unknown as Connection,
      state: 'planned',
      window,
      deliveredByRunId: null,
      position: null,
      forget: null,
      manifest: null,
      left: [],
    };
  });
  const terms = DeliveryTerms.parse({ mode: 'full', format: 'jsonl', compression: 'none' });
  const dataset = { id: 'ds_1', name: 'flights', customerColumn: 'origin', primaryKey: [] };
  return {
    lease: { runId: 'run_1', owner: 'test', attempt: 1 },
    createdAt: new Date(window.to),
    delivery: { ...terms, id: 'dlv_1' },
    dataset: {
      ...dataset,
      cursorColumn: null,
      deletedColumn: null,
      schemaPolicy: 'evolve',
      schema: [],
    },
    schema: null,
    recipients,
  } as unknown as RunWork;
}

function depsFor(work: RunWork, more: Partial<RunDeps>) {
  const stores = new Map<string, ObjectStore>();
  const journal = memoryJournal(work);
  const events: string[] = [];
  const storeOf = (customerId: string) => {
    const store = stores.get(customerId) ?? createMemoryStore(customerId);
    stores.set(customerId, store);
    return store;
  };
  const deps: RunDeps = {
    journal,
    engine: lockstepEngine(),
    refreshConnection: async (connection) => connection,
    explainFailure: () => null,
    openBucket: ({ id }) => ({ ...storeOf(id), close: () => {} }),
    openSource: async () => ({
      source: { type: 'file', path: '/none' } as never,
      version: null,
      close: async () => {},
    }),
    signingKey: openSigningKey(newSigningKeyPem()),
    digester,
    partMemory: createPartMemory({ limitBytes: 64 * 1024 ** 2, spillDir }),
    smallFileBytes: 0,
    slowBucketSeconds: 0.2,
    owner: 'test',
    now: () => new Date(),
    log: ({ event, customerId = '' }) => void events.push(`${event} ${customerId}`.trim()),
    ...more,
  };
  return { deps, journal, storeOf, events };
}

/** Ends what a test that failed has left under way. */
const ending = new AbortController();
const never = ending.signal;
after(() => ending.abort(new Error('the tests are over')));

describe('A run to many customers', () => {
  it('reads its source once when all buckets are quick', async () => {
    const work = runFor(12);
    const engine = lockstepEngine();
    const { deps, events } = depsFor(work, { engine });

    assert.equal(await executeRun('run_1', deps, never), 'succeeded');

    assert.equal(engine.scans.length, 1);
    assert.equal(events.filter((event) => event.startsWith('recipient:delivered')).length, 12);
    assert.equal(deps.partMemory.usedBytes(), 0);
  });

  it('sets aside a bucket that holds up the others, and serves it after them', async () => {
    const work = runFor(12);
    const engine = lockstepEngine();
    const stuck = Promise.withResolvers<void>();
    const { deps, events, storeOf } = depsFor(work, { engine });
    const slow = (store: ObjectStore): ObjectStore => ({
      ...store,
      async uploadPart(part) {
        const { signal } = part;
        const called = new Promise<never>((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
        });
        await Promise.race([stuck.promise, called]);
        return store.uploadPart(part);
      },
    });
    const openBucket: RunDeps['openBucket'] = ({ id }) => ({
      ...(id === 'customer-0' ? slow(storeOf(id)) : storeOf(id)),
      close: () => {},
    });
    const running = executeRun('run_1', { ...deps, openBucket }, never);
    const delivered = () => events.filter((event) => event.startsWith('recipient:delivered'));
    for (let i = 0; i < 1000 && delivered().length < 11; i++) await sleep(20);

    assert.equal(delivered().length, 11);
    stuck.resolve();
    assert.equal(await running, 'succeeded');

    assert.deepEqual(
      engine.scans.map((values) => values.length),
      [12, 1],
    );
    assert.ok(events.includes('recipient:set_aside customer-0'));
    assert.equal(delivered().at(-1), 'recipient:delivered customer-0');
    const sizes: number[] = [];
    for await (const { bytes } of storeOf('customer-0').listObjects('')) sizes.push(bytes);
    assert.equal(sizes.length, 2);
    assert.ok(sizes.includes(rounds * chunk.length));
    assert.deepEqual(await storeOf('customer-0').listUploads(''), []);
    assert.equal(deps.partMemory.usedBytes(), 0);
  });

  it('does not wait for a connection whose check takes long', async () => {
    const work = runFor(3);
    const engine = lockstepEngine();
    const checked = Promise.withResolvers<void>();
    const { deps, events } = depsFor(work, {
      engine,
      refreshConnection: async (connection) => {
        if (connection.id === 'customer-1') await checked.promise;
        return connection;
      },
    });
    const running = executeRun('run_1', deps, never);
    const delivered = () => events.filter((event) => event.startsWith('recipient:delivered'));
    for (let i = 0; i < 1000 && delivered().length < 2; i++) await sleep(20);

    assert.deepEqual(engine.scans, [['customer-0', 'customer-2']]);
    checked.resolve();
    assert.equal(await running, 'succeeded');
    assert.deepEqual(engine.scans.slice(1), [['customer-1']]);
  });

  it('serves the others when one bucket refuses, without reading the source again', async () => {
    const work = runFor(3);
    const engine = lockstepEngine();
    const { deps, events, storeOf, journal } = depsFor(work, { engine });
    const refusing: RunDeps['openBucket'] = ({ id }) => ({
      ...storeOf(id),
      ...(id === 'customer-0' && {
        uploadPart: () => Promise.reject(new Error('the part is refused')),
      }),
      close: () => {},
    });

    assert.equal(await executeRun('run_1', { ...deps, openBucket: refusing }, never), 'partial');

    assert.equal(engine.scans.length, 1);
    assert.equal(journal.stateOf('customer-0'), 'failed');
    assert.equal(events.filter((event) => event.startsWith('recipient:delivered')).length, 2);
  });

  it('begins no upload for files that are small', async () => {
    const { deps, storeOf } = depsFor(runFor(4), { engine: lockstepEngine() });
    const begun: string[] = [];
    const openBucket: RunDeps['openBucket'] = ({ id }) => ({
      ...storeOf(id),
      createMultipartUpload(input) {
        begun.push(id);
        return storeOf(id).createMultipartUpload(input);
      },
      close: () => {},
    });

    const given = { ...deps, openBucket, smallFileBytes: 64 * 1024 };
    assert.equal(await executeRun('run_1', given, never), 'succeeded');

    assert.deepEqual(begun, ['customer-0']);
    const sizes: number[] = [];
    for await (const { bytes } of storeOf('customer-1').listObjects('')) sizes.push(bytes);
    assert.ok(sizes.includes(rounds * 100));
    assert.equal(deps.partMemory.usedBytes(), 0);
  });

  it('leaves a commit that meets a fault of ours to be finished after a pause, longer each time', async () => {
    const work = runFor(1);
    const { deps, storeOf, journal } = depsFor(work, { engine: lockstepEngine() });
    const pauses: (number | undefined)[] = [];
    let attempt = 0;
    const released = {
      ...journal,
      takeRun: async () => ({ ...work, lease: { ...work.lease, attempt: ++attempt } }),
      releaseRun: async (_lease: unknown, pause?: number) => void pauses.push(pause),
    };
    const openBucket: RunDeps['openBucket'] = ({ id }) => ({
      ...storeOf(id),
      putObject: () => Promise.reject(new TypeError('a fault of ours')),
      close: () => {},
    });

    for (const _ of [1, 2, 3]) {
      const given = { ...deps, journal: released, openBucket };
      assert.equal(await executeRun('run_1', given, never), 'released');
    }

    assert.deepEqual(pauses, [1, 2, 4]);
  });

  it('clears away what it had begun for the others when it loses the run', async () => {
    const work = runFor(3);
    const { deps, storeOf, journal } = depsFor(work, { engine: lockstepEngine() });
    let opened = 0;
    const lost = {
      ...journal,
      async openUpload() {
        await sleep(10 * ++opened);
        throw new LeaseLostError(work.lease);
      },
    };
    const openBucket: RunDeps['openBucket'] = ({ id }, { signal }) => ({
      ...storeOf(id),
      async abortMultipartUpload(input) {
        await sleep(20);
        signal.throwIfAborted();
        await storeOf(id).abortMultipartUpload(input);
      },
      close: () => {},
    });

    assert.equal(
      await executeRun('run_1', { ...deps, journal: lost, openBucket }, never),
      'released',
    );

    assert.equal(opened, 3);
    for (const { customerId } of work.recipients) {
      assert.deepEqual(await storeOf(customerId).listUploads(''), []);
    }
  });
});
