import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type CheckReport,
  type Column,
  type Connection,
  DeliveryTerms,
  newId,
  type RunRecipient,
  randomDigits,
  type Source,
} from '@causeway/contract';
import { openStore, type Store, startEmbeddedPostgres } from '@causeway/store';
import { startCountingSink } from '../counting-sink.ts';
import type { CopyAnswer, CopyRequest } from '../duckdb-copy-process.ts';
import { round2 } from '../figure.ts';
import { watchPeakMemory } from '../memory.ts';
import { benchSandbox, type CustomerBucket } from '../sandbox-target.ts';
import { describeParquet } from './describe-parquet.ts';
import type { Form } from './form.ts';
import { flightsFile, tablesFolder } from './tables.ts';

export const memoryLimitMb = 512;
const threads = 2;
const patienceMs = 900_000;
const entry = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url));

export type TargetName = 'sink' | 'sandbox';

/** A source that is no file of Parquet. */
export interface BenchSource {
  readonly source: Source;
  readonly schema: readonly Column[];
}

/** Whatever is measured starts before its clock does: worker, database, DuckDB. */
export interface DeliveryStage {
  /** One whole delivery, from the order to the end of its run; in milliseconds. */
  deliver(target: TargetName, source: string | BenchSource, form: Form): Promise<number>;
  /** Of the PostgreSQL that holds the state, and may hold tables to deliver. */
  readonly databaseUrl: string;
  /** The same to the sink, each value of a column to a customer with a bucket and a role of its own. */
  deliverToEach(source: string, split: BenchSplit, form: Form): Promise<number>;
  /** So many deliveries of all of a source to the sink, each to a customer of its own, begun at once. */
  deliverAtOnce(source: string, form: Form, runs: number): Promise<readonly FinishedRun[]>;
  /** The same by DuckDB alone, to a file on local disk; it is kept where it is given a path. */
  copy(source: string, form: Form, target?: string): Promise<number>;
  /** Of worker, its children and the database, during one delivery to the sink. Not to be timed. */
  peakMemoryMb(source: string, form: Form): Promise<number>;
  /** What a delivery to the sandbox goes to, by its owner's key. */
  readonly bucket: CustomerBucket;
  close(): Promise<void>;
}

export interface BenchSplit {
  readonly column: string;
  readonly values: readonly string[];
}

export interface FinishedRun {
  readonly milliseconds: number;
  readonly recipients: readonly RunRecipient[];
}

export async function openDeliveryStage(): Promise<DeliveryStage> {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const database = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres') });
  closing.push(() => database.stop());
  const store = await openStore({ databaseUrl: database.databaseUrl });
  closing.push(() => store.close());
  const sink = await startCountingSink();
  closing.push(() => sink.close());
  const sandbox = await benchSandbox(join(folder, 'sandbox'));
  closing.push(() => sandbox.close());
  const copier = fork(new URL('../duckdb-copy-process.ts', import.meta.url));
  closing.push(() => copier.disconnect());
  const customer = await connect(store, 'all', sandbox.connection);
  const customersOf = new Map<string, Promise<BenchCustomer[]>>();
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
    async deliver(target, source, form) {
      await workerFor(target);
      await customer.keepChecked();
      const deliveryId = await order(store, [customer.id], source, form);
      const { milliseconds } = await runOnce(store, deliveryId, source);
      tell(`${form.name}: delivery to the ${target}`, milliseconds);
      return milliseconds;
    },
    databaseUrl: database.databaseUrl,
    async deliverToEach(source, split, form) {
      await workerFor('sink');
      const made = customersOf.get(source) ?? connectEach(store, split.values, sandbox.connection);
      customersOf.set(source, made);
      const customers = await made;
      for (const each of customers) await each.keepChecked();
      const ids = customers.map(({ id }) => id);
      const deliveryId = await order(store, ids, source, form, split.column);
      const { milliseconds } = await runOnce(store, deliveryId, source);
      tell(`${form.name}: delivery to ${ids.length} customers`, milliseconds);
      return milliseconds;
    },
    async deliverAtOnce(source, form, runs) {
      await workerFor('sink');
      const values = Array.from({ length: runs }, (_, i) => `at-once-${i}`);
      const made = customersOf.get(source) ?? connectEach(store, values, sandbox.connection);
      customersOf.set(source, made);
      const deliveryIds: string[] = [];
      for (const each of await made) {
        await each.keepChecked();
        deliveryIds.push(await order(store, [each.id], source, form));
      }
      const began = performance.now();
      const finished = await Promise.all(deliveryIds.map((id) => runOnce(store, id, source)));
      tell(`${form.name}: ${runs} deliveries at once`, performance.now() - began);
      return finished;
    },
    bucket: sandbox.bucket,
    async copy(source, form, target) {
      const keep = target !== undefined;
      const limits = { memoryLimitMb, threads };
      copier.send({
        ...{ source, target: target ?? join(folder, 'copy'), keep },
        ...{ options: form.copyOptions, ...limits },
      } satisfies CopyRequest);
      const [{ milliseconds }] = (await once(copier, 'message')) as [CopyAnswer];
      tell(`${form.name}: copy by DuckDB`, milliseconds);
      return milliseconds;
    },
    async peakMemoryMb(source, form) {
      const child = await workerFor('sink');
      await customer.keepChecked();
      const deliveryId = await order(store, [customer.id], source, form);
      const stopWatching = watchPeakMemory([child.pid ?? 0, database.pid]);
      const { milliseconds } = await runOnce(store, deliveryId, source);
      const peak = stopWatching();
      tell(`${form.name}: ${Math.round(peak)} MB at most, watched for`, milliseconds);
      return peak;
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
      CAUSEWAY_SOURCE_DIRS: [tablesFolder, dirname(flightsFile)].join(delimiter),
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

interface BenchCustomer {
  readonly id: string;
  /** The sink would fail a check, which a run makes where the last is old: it lets everybody in. */
  keepChecked(): Promise<void>;
}

/** A customer with a connection. */
async function connect(
  store: Store,
  reference: string,
  connection: (customerId: string) => Connection,
): Promise<BenchCustomer> {
  const { id } = await store.customers.create({ name: reference, reference, properties: {} });
  const made = connection(id);
  await store.connections.insert(made);
  return {
    id,
    async keepChecked() {
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
    },
  };
}

/** Customers with a bucket and a role each. */
async function connectEach(
  store: Store,
  references: readonly string[],
  connection: (customerId: string) => Connection,
): Promise<BenchCustomer[]> {
  const customers: BenchCustomer[] = [];
  for (const [i, reference] of references.entries()) {
    const roleName = `causeway-bench-${i}`;
    const customer = await connect(store, reference, (id) => {
      const made = connection(id);
      const roleArn = `arn:aws:iam::${made.accountId}:role/${roleName}`;
      const own = { bucket: `bench-data-${i}`, externalId: `cw-${randomDigits(26)}` };
      return { ...made, ...own, roleName, roleArn } as Connection;
    });
    customers.push(customer);
  }
  return customers;
}

const schemas = new Map<string, readonly Column[]>();

/** A new delivery of everything in a file to one customer, or of each row to the customer of its column. */
async function order(
  store: Store,
  customerIds: readonly string[],
  source: string | BenchSource,
  { format, compression }: Form,
  customerColumn: string | null = null,
): Promise<string> {
  const id = newId('dataset');
  const createdAt = new Date().toISOString();
  const read = typeof source === 'string' ? await fileSource(source) : source;
  const dataset = await store.datasets.insert({
    id,
    name: id.replace('_', '-'),
    source: read.source,
    customerColumn,
    cursorColumn: null,
    primaryKey: [],
    deletedColumn: null,
    schemaPolicy: 'evolve',
    schema: [...read.schema],
    createdAt,
  });
  const csv = format === 'csv' ? {} : null;
  const delivery = await store.deliveries.insert({
    id: newId('delivery'),
    name: id,
    datasetId: dataset.id,
    customerIds: [...customerIds],
    customerRule: null,
    status: 'active',
    schedule: null,
    nextRunAt: null,
    startsAt: null,
    ...DeliveryTerms.parse({ mode: 'full', format, compression, csv }),
    createdAt,
  });
  return delivery.id;
}

async function fileSource(path: string): Promise<BenchSource> {
  const schema = schemas.get(path) ?? (await describeParquet(path));
  schemas.set(path, schema);
  return { source: { type: 'file', path }, schema };
}

async function runOnce(
  store: Store,
  deliveryId: string,
  source: string | BenchSource,
): Promise<FinishedRun> {
  const delivery = await store.deliveries.get(deliveryId);
  const now = new Date();
  // As the server tells versions: without `bigint` the milliseconds are rounded and not cut.
  const version = typeof source === 'string' ? statSync(source, { bigint: true }).mtime : now;
  const window = { from: null, to: version.toISOString() };
  const began = performance.now();
  const run = await store.runs.create({
    deliveryId,
    now,
    terms: DeliveryTerms.parse(delivery),
    customerIds: delivery.customerIds,
    planWindow: () => window,
  });
  for await (const _change of store.watchRun(run.id, AbortSignal.timeout(patienceMs))) {
    // Each customer's every step is a change: looking at all of them each time would be what is measured.
    if (delivery.customerIds.length > 1) await sleep(200);
    const { state, recipients } = await store.runs.get(run.id);
    if (state === 'succeeded') return { milliseconds: performance.now() - began, recipients };
    if (state === 'failed' || state === 'partial') {
      throw new Error(`The run ${state}: ${JSON.stringify(recipients)}`);
    }
  }
  throw new Error('The run did not end');
}
