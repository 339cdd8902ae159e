import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CheckReport, type Connection, DeliveryTerms, newId } from '@causeway/contract';
import { openStore, type Store, startEmbeddedPostgres } from '@causeway/store';
import { startCountingSink } from './counting-sink.ts';
import type { CopyRequest } from './duckdb-copy-process.ts';
import { type Figure, median, round2 } from './figure.ts';
import { makeLineitem } from './lineitem.ts';
import { watchPeakMemory } from './memory.ts';
import { benchSandbox } from './sandbox-target.ts';

const rows = 10_000_000;
const rounds = 5;
const memoryLimitMb = 512;
const threads = 2;
const patienceMs = 300_000;
const entry = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
/** 3 million real flights, 13 MB: what is fixed in a run weighs more here. */
const flightsFile = fileURLToPath(
  new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')),
);
/** Kept between runs of the bench: making the table takes longer than delivering it. */
const tables = fileURLToPath(new URL('../../.causeway/bench/', import.meta.url));

/**
 * A whole delivery, from the order to the end of its run, against DuckDB's own `COPY`
 * of the same rows to a local file with the same limits. The delivery goes through a
 * real worker process, journal and signatures included, into a sink that only counts
 * bytes and into the sandbox. Medians of rounds that alternate.
 */
export async function benchDelivery(): Promise<Figure[]> {
  mkdirSync(tables, { recursive: true });
  const once10 = join(tables, 'lineitem-10m.parquet');
  const twice10 = join(tables, 'lineitem-20m.parquet');
  await makeLineitem(once10, rows);
  await makeLineitem(twice10, rows * 2);
  const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  const stage = await openStage(folder);
  try {
    const copies: number[] = [];
    const toSink: number[] = [];
    const toSandbox: number[] = [];
    const copy = () => stage.copy(once10);
    await stage.deliver('sink', once10);
    await stage.deliver('sandbox', once10);
    await copy();
    for (let round = 0; round < rounds; round++) {
      toSink.push(await stage.deliver('sink', once10));
      copies.push(await copy());
      toSandbox.push(await stage.deliver('sandbox', once10));
    }
    const flights: number[] = [];
    const flightCopies: number[] = [];
    for (let round = 0; round < rounds; round++) {
      flights.push(await stage.deliver('sink', flightsFile));
      flightCopies.push(await stage.copy(flightsFile));
    }
    // Looking at the memory slows what is looked at, so these runs are not timed.
    const single = await stage.peakMemoryMb(once10);
    const double = await stage.peakMemoryMb(twice10);
    const ratios = (times: readonly number[], to: readonly number[] = copies) =>
      times.map((time, i) => time / (to[i] ?? time));
    const seconds = (times: readonly number[]) => times.map((time) => round2(time / 1000));
    return [
      {
        figure: 'delivery.parquet.vs_duckdb_copy',
        value: round2(median(ratios(toSink))),
        unit: 'x',
        target: '<= 1.15',
        details: { deliverySeconds: seconds(toSink), copySeconds: seconds(copies) },
      },
      {
        figure: 'delivery.parquet.sandbox.vs_duckdb_copy',
        value: round2(median(ratios(toSandbox))),
        unit: 'x',
        target: '<= 1.15',
        details: { deliverySeconds: seconds(toSandbox) },
      },
      {
        figure: 'delivery.flights.vs_duckdb_copy',
        value: round2(median(ratios(flights, flightCopies))),
        unit: 'x',
        details: { deliverySeconds: seconds(flights), copySeconds: seconds(flightCopies) },
      },
      {
        figure: 'delivery.peak_rss_mb',
        value: Math.round(single - memoryLimitMb),
        unit: 'MB beyond memory_limit',
        target: '<= 450',
        details: { total: Math.round(single), memoryLimitMb },
      },
      {
        figure: 'delivery.peak_rss_mb.twice_the_rows',
        value: Math.round(double - memoryLimitMb),
        unit: 'MB beyond memory_limit',
      },
    ];
  } finally {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type TargetName = 'sink' | 'sandbox';

interface Stage {
  /** In milliseconds. */
  deliver(target: TargetName, source: string): Promise<number>;
  peakMemoryMb(source: string): Promise<number>;
  copy(source: string): Promise<number>;
  close(): Promise<void>;
}

async function openStage(folder: string): Promise<Stage> {
  const closing: (() => unknown)[] = [];
  const database = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres') });
  closing.push(() => database.stop());
  const store = await openStore({ databaseUrl: database.databaseUrl });
  closing.push(() => store.close());
  const sink = await startCountingSink();
  closing.push(() => sink.close());
  const sandbox = await benchSandbox(join(folder, 'sandbox'));
  closing.push(() => sandbox.close());
  const copier = fork(new URL('./duckdb-copy-process.ts', import.meta.url));
  closing.push(() => copier.disconnect());
  const customerId = await connect(store, sandbox.connection);
  const endpoints = { sink: sink.url, sandbox: sandbox.url };
  let worker: { readonly target: TargetName; readonly child: ChildProcess } | undefined;
  const stopWorker = async () => {
    if (!worker) return;
    const ended = once(worker.child, 'exit');
    worker.child.kill('SIGTERM');
    await ended;
    worker = undefined;
  };
  closing.push(stopWorker);
  /** One worker at a time, started before the clock. */
  const workerFor = async (target: TargetName) => {
    if (worker?.target !== target) {
      await stopWorker();
      const child = startWorker(folder, database.databaseUrl, endpoints[target], sandbox.operator);
      worker = { target, child };
      const ended = once(child, 'exit').then(() => Promise.reject(new Error('The worker ended')));
      await Promise.race([once(child, 'message'), ended]);
    }
    return worker.child;
  };
  return {
    async deliver(target, source) {
      await workerFor(target);
      const deliveryId = await order(store, customerId, source);
      const milliseconds = await runOnce(store, deliveryId, source);
      tell(`delivery to the ${target}`, milliseconds);
      return milliseconds;
    },
    async peakMemoryMb(source) {
      const child = await workerFor('sink');
      const deliveryId = await order(store, customerId, source);
      const stopWatching = watchPeakMemory([child.pid ?? 0, database.pid]);
      await runOnce(store, deliveryId, source);
      return stopWatching();
    },
    async copy(source) {
      const request: CopyRequest = {
        source,
        target: join(folder, 'copy.parquet'),
        memoryLimitMb,
        threads,
      };
      copier.send(request);
      const [answer] = (await once(copier, 'message')) as [{ milliseconds: number }];
      tell('copy by DuckDB', answer.milliseconds);
      return answer.milliseconds;
    },
    async close() {
      for (const step of closing.reverse()) await step();
    },
  };
}

/** Whoever waits wants to see that it goes on. */
function tell(what: string, milliseconds: number): void {
  console.error(`${what}: ${round2(milliseconds / 1000)} s`);
}

function startWorker(
  folder: string,
  databaseUrl: string,
  endpoint: string,
  operator: { readonly accessKeyId: string; readonly secretAccessKey: string },
): ChildProcess {
  return fork(entry, ['worker'], {
    env: {
      PATH: process.env['PATH'],
      CAUSEWAY_DATA_DIR: folder,
      CAUSEWAY_SOURCE_DIRS: [tables, dirname(flightsFile)].join(delimiter),
      CAUSEWAY_AWS_ENDPOINT: endpoint,
      CAUSEWAY_MEMORY_LIMIT_MB: String(memoryLimitMb),
      CAUSEWAY_THREADS: String(threads),
      DATABASE_URL: databaseUrl,
      AWS_ACCESS_KEY_ID: operator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: operator.secretAccessKey,
    },
    // What goes wrong in it is said by the run, or by its end.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

/** A customer with a connection that was checked. */
async function connect(
  store: Store,
  connection: (customerId: string) => Connection,
): Promise<string> {
  const customer = await store.customers.create({
    name: 'Bench',
    reference: 'all',
    properties: {},
  });
  const made = connection(customer.id);
  await store.connections.insert(made);
  const report: CheckReport = {
    connectionId: made.id,
    outcome: 'healthy',
    checkedAt: new Date().toISOString(),
    durationMs: 0,
    steps: [],
  };
  await store.connections.saveCheck(made, { ...report, region: 'us-east-1' }, () => ({
    status: 'active',
    nextCheckInSeconds: null,
  }));
  return customer.id;
}

/** A new delivery of everything in a file to one customer. */
async function order(store: Store, customerId: string, source: string): Promise<string> {
  const id = newId('dataset');
  const createdAt = new Date().toISOString();
  const dataset = await store.datasets.insert({
    id,
    name: id.replace('_', '-'),
    source: { type: 'file', path: source },
    customerColumn: null,
    cursorColumn: null,
    primaryKey: [],
    deletedColumn: null,
    schema: [],
    createdAt,
  });
  const delivery = await store.deliveries.insert({
    id: newId('delivery'),
    name: id,
    datasetId: dataset.id,
    customerIds: [customerId],
    customerRule: null,
    status: 'active',
    schedule: null,
    nextRunAt: null,
    ...DeliveryTerms.parse({ mode: 'full', format: 'parquet', compression: 'zstd' }),
    createdAt,
  });
  return delivery.id;
}

async function runOnce(store: Store, deliveryId: string, source: string): Promise<number> {
  const delivery = await store.deliveries.get(deliveryId);
  const now = new Date();
  const window = { from: null, to: statSync(source).mtime.toISOString() };
  const began = performance.now();
  const run = await store.runs.create({
    deliveryId,
    now,
    terms: DeliveryTerms.parse(delivery),
    customerIds: delivery.customerIds,
    planWindow: () => window,
  });
  for await (const _change of store.watchRun(run.id, AbortSignal.timeout(patienceMs))) {
    const { state, recipients } = await store.runs.get(run.id);
    if (state === 'succeeded') return performance.now() - began;
    if (state === 'failed' || state === 'partial') {
      throw new Error(`The run ${state}: ${JSON.stringify(recipients)}`);
    }
  }
  throw new Error('The run did not end');
}
