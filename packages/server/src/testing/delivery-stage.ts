import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  type CheckReport,
  type Connection,
  type Customer,
  type Dataset,
  type Delivery,
  type Manifest,
  PublicKeySet,
  type Run,
  type RunRecipient,
  type SetupGuide,
  type Window,
} from '@causeway/contract';
import { createDuckDbEngine, type DuckDbEngine, parquetFile } from '@causeway/engine';
import type { Fault } from '@causeway/sandbox';
import type { Store } from '@causeway/store';
import pg from 'pg';
import { createClosers } from '../closers.ts';
import type { Configuration } from '../configuration.ts';
import { type Server, startServer } from '../start-server.ts';
import { type Api, apiOf } from './api-of.ts';
import { type InjectedFault, injectFault } from './inject-fault.ts';
import { openReceiver, type Receiver } from './receiver.ts';
import { openTestStage, type TestStage } from './test-stage.ts';
import {
  type TestWorker,
  testWorkers,
  type WorkerProcess,
  type WorkerStart,
} from './test-worker.ts';

/** A standing order for some receivers, on a source file of its own. */
export interface Order {
  readonly delivery: Delivery;
  readonly dataset: Dataset;
  readonly sourcePath: string;
  readonly receivers: readonly Receiver[];
}

export interface OrderChange {
  readonly dataset?: object;
  readonly delivery?: object;
}

/** A server that carries out nothing itself, customers with buckets, and workers to be killed. */
export interface DeliveryStage extends Api {
  connect(reference: string, accountId?: string): Promise<Receiver>;
  order(receivers: readonly Receiver[], change?: OrderChange): Promise<Order>;
  startRun(order: Pick<Order, 'delivery'>, window?: Window): Promise<Run>;
  getRun(run: Run): Promise<Run>;
  getConnection(receiver: Receiver): Promise<Connection>;
  readonly configuration: Configuration & { readonly databaseUrl: string };
  readonly store: Store;
  /** Of the server, of workers in this process, and of receivers: few processes for many jobs. */
  readonly engine: DuckDbEngine;
  readonly api: { readonly url: string; readonly apiKey: string };
  /** The run when it has ended. */
  ended(run: Run): Promise<Run>;
  /** A Parquet file of some columns of another. */
  copyColumns(from: string, to: string, columns: readonly string[]): Promise<void>;
  /** In this process, which is cheap. One at a time: a second would take the first for gone. */
  startWorker(): Promise<TestWorker>;
  /** To be killed. */
  startWorkerProcess(options?: WorkerStart): Promise<WorkerProcess>;
  inject(fault: Fault): Promise<InjectedFault>;
  /** Lets go all that is held: a test that failed must not hold up the next. */
  removeFaults(): Promise<void>;
  /**
   * Lets nothing that has failed so far be done again by itself: a minute later that would be in
   * the middle of another test, among whose requests and runs it would count.
   */
  dropRetries(): Promise<void>;
  /**
   * Asserts that a receiver sees exactly these runs of an order, each as so many files (by
   * default one) and one manifest, proved by the receiver's own means; the rows of the last are compared.
   */
  proveDelivered(
    order: Order,
    receiver: Receiver,
    runs: readonly Run[],
    expected?: {
      readonly files?: number | 'several';
      readonly window?: Window;
      readonly abandoned?: number;
    },
  ): Promise<Manifest>;
  close(): Promise<void>;
}

/**
 * @param allowsSandboxAsStore whether the sandbox may be a store of another make, too.
 * @param beforeRunSeconds how old the last check of a connection may be when a run uses it.
 * @param smallFileKb how large a file may be to be written by one request.
 */
export async function openDeliveryStage({
  allowsSandboxAsStore = false,
  smallFileKb = 0,
  concurrentRuns = 2,
  beforeRunSeconds = 900,
} = {}): Promise<DeliveryStage> {
  const closers = createClosers();
  try {
    const stage = await openTestStage();
    closers.add(() => stage.close());
    const { dataDir } = stage.configuration;
    const configuration = {
      ...stage.configuration,
      smallFileKb,
      concurrentRuns,
      checks: { ...stage.configuration.checks, beforeRunSeconds },
      allowedEndpoints: allowsSandboxAsStore ? [stage.sandbox.url] : [],
    };
    const engine = createDuckDbEngine({
      tempDir: join(dataDir, 'engine'),
      memoryLimitMb: 256,
      threads: 2,
      keepsProcesses: true,
    });
    closers.add(() => engine.close());
    const server = await startServer({ configuration, log: () => {}, worker: false, engine });
    closers.add(() => server.close());
    const database = new pg.Pool({ connectionString: configuration.databaseUrl, max: 1 });
    database.on('error', () => {});
    closers.add(() => database.end());
    const workers = testWorkers(configuration, engine);
    closers.add(() => workers.close());
    const api = { url: server.url, apiKey: server.firstApiKey ?? '' };
    const { send, call } = apiOf(() => api);
    return {
      send,
      call,
      ...orders(stage, server, call),
      configuration,
      store: server.store,
      engine,
      api,
      inject: (fault) => injectFault(stage.sandbox.url, fault),
      async removeFaults() {
        await fetch(`${stage.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
      },
      async dropRetries() {
        await database.query(
          'update causeway.run_recipients set retry_at = null where retry_at is not null',
        );
      },
      async copyColumns(from, to, columns) {
        const form = { format: 'parquet', compression: 'none', split: { type: 'all' } } as const;
        await engine.unload({ ...form, source: parquetFile(from), columns }, (_index, stream) =>
          pipeline(stream, createWriteStream(to)),
        );
      },
      startWorker: workers.start,
      startWorkerProcess: workers.startProcess,
      proveDelivered: (order, receiver, runs, expected = {}) =>
        proveDelivered({ server, engine, order, receiver, runs, ...expected }),
      close: closers.close,
    };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

function orders(stage: TestStage, server: Server, call: Api['call']) {
  let made = 0;
  const getRun = ({ id }: Run) => call<Run>(`GET /v1/runs/${id}`);
  return {
    async connect(reference: string, accountId = '222222222222') {
      const customer = await call<Customer>('POST /v1/customers', { name: reference, reference });
      const location = `s3://${reference.toLowerCase()}-bucket/causeway/`;
      const body = { customerId: customer.id, location, accountId };
      const { id } = await call<Connection>('POST /v1/connections', body);
      await stage.setUp(await call<SetupGuide>(`GET /v1/connections/${id}/setup-guide`));
      const report = await call<CheckReport>(`POST /v1/connections/${id}/check`);
      assert.equal(report.outcome, 'healthy');
      const connection = await call<Connection>(`GET /v1/connections/${id}`);
      return openReceiver(stage.sandbox.url, customer, connection);
    },
    async order(receivers: readonly Receiver[], change: OrderChange = {}): Promise<Order> {
      const name = `flights-${++made}`;
      const sourcePath = join(dirname(stage.flightsFile), `${name}.parquet`);
      await copyFile(stage.flightsFile, sourcePath);
      const dataset = await call<Dataset>('POST /v1/datasets', {
        name,
        source: { type: 'file', path: sourcePath },
        customerColumn: 'origin',
        ...change.dataset,
      });
      const delivery = await call<Delivery>('POST /v1/deliveries', {
        name,
        datasetId: dataset.id,
        customerIds: receivers.map(({ customer }) => customer.id),
        ...change.delivery,
      });
      return { delivery, dataset, sourcePath, receivers };
    },
    startRun: ({ delivery }: Pick<Order, 'delivery'>, window?: Window) =>
      call<Run>(`POST /v1/deliveries/${delivery.id}/runs`, window ? { window } : {}),
    getRun,
    getConnection: ({ connection }: Receiver) =>
      call<Connection>(`GET /v1/connections/${connection.id}`),
    async ended(run: Run) {
      const response = await fetch(`${server.url}/v1/runs/${run.id}/progress`, {
        headers: { authorization: `Bearer ${server.firstApiKey}` },
        signal: AbortSignal.timeout(60_000),
      });
      await response.text();
      return getRun(run);
    },
  };
}

interface Proof {
  readonly server: Server;
  readonly engine: DuckDbEngine;
  readonly order: Order;
  readonly receiver: Receiver;
  readonly runs: readonly Run[];
  readonly files?: number | 'several';
  readonly window?: Window;
  readonly abandoned?: number;
}

async function proveDelivered(proof: Proof): Promise<Manifest> {
  const { server, engine, order, receiver, runs, window, abandoned = 0 } = proof;
  const { dataset, delivery, sourcePath } = order;
  const last = recipientOf(runs.at(-1), receiver);
  const files = proof.files === 'several' ? Math.max(2, last.files) : (proof.files ?? 1);
  const suffix = { gzip: '.gz', zstd: '.zst', snappy: '', none: '' }[delivery.compression];
  const extension = `${delivery.format}${delivery.format === 'parquet' ? '' : suffix}`;
  assert.equal(last.state, 'delivered', JSON.stringify(last.failure));
  assert.equal(last.files, files);
  assert.deepEqual(
    (await receiver.keysOf(dataset.name)).map((key) => key.split('/').at(-1)).toSorted(),
    runs
      .flatMap(({ id }) => [
        `manifest_${id}.json`,
        ...Array.from(
          { length: files },
          (_, file) => `${id}_${String(file).padStart(5, '0')}.${extension}`,
        ),
      ])
      .toSorted(),
  );
  const open = await receiver.openUploads();
  assert.equal(open.length, abandoned, `uploads stay open: ${open.join(', ')}`);
  const keys = await (await fetch(`${server.url}/.well-known/causeway-keys.json`)).json();
  const { manifest, findings } = await receiver.verify(last.manifestKey ?? '', {
    engine,
    keys: PublicKeySet.parse(keys),
    sourcePath,
    customerColumn: dataset.customerColumn,
    filter: delivery.filter,
    columns: delivery.columns,
    ...(window && { window: { cursorColumn: dataset.cursorColumn ?? '', ...window } }),
  });
  for (const { title, verdict, message } of findings) {
    assert.equal(verdict, 'passed', `${title}: ${message}`);
  }
  assert.equal(manifest.sequence, runs.length);
  assert.equal(manifest.rows, last.rows);
  assert.equal(manifest.rows > 0, files > 0);
  return manifest;
}

/** A receiver's part of a run. */
export function recipientOf(
  run: Run | undefined,
  { customer }: Pick<Receiver, 'customer'>,
): RunRecipient {
  const recipient = run?.recipients.find(({ customerId }) => customerId === customer.id);
  assert.ok(recipient, `${customer.reference} is a recipient`);
  return recipient;
}
