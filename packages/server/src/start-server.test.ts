import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  CausewayError,
  type CheckReport,
  type Connection,
  type ConnectionBy,
  type Customer,
  type Dataset,
  type Delivery,
  type Diagnosis,
  ErrorBody,
  guideValue,
  Manifest,
  PublicKeySet,
  type Run,
  RunProgress,
  type SetupGuide,
} from '@causeway/contract';
import { verifySignature } from '@causeway/delivery';
import type { Configuration } from './configuration.ts';
import { jsonLinesLog } from './log.ts';
import { listOperations } from './operation-table.ts';
import { type Server, startServer } from './start-server.ts';
import { startWorker } from './start-worker.ts';
import { openTestStage, type TestStage } from './testing/test-stage.ts';

let stage: TestStage;
/** With a database of its own, which is started and stopped with the server. */
let embedded: Configuration;
let server: Server;
let apiKey = '';
let log = '';
const writeLog = jsonLinesLog((line) => {
  log += line;
});

before(async () => {
  stage = await openTestStage();
  const dataDir = join(stage.configuration.dataDir, 'embedded');
  embedded = { ...stage.configuration, dataDir, databaseUrl: null };
  server = await startServer({
    configuration: embedded,
    log: writeLog,
    openPage: true,
  });
  apiKey = server.firstApiKey ?? '';
});
after(async () => {
  await server?.close();
  await stage?.close();
});

interface Call {
  readonly body?: unknown;
  readonly key?: string;
  readonly to?: Server;
  readonly signal?: AbortSignal;
}

function send(line: string, { body, key, to = server, signal }: Call = {}): Promise<Response> {
  const [method = '', path = ''] = line.split(' ');
  return fetch(`${to.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
}

async function call<T>(line: string, options: Call = {}): Promise<T> {
  const response = await send(line, options);
  const text = await response.text();
  assert.ok(response.ok, `${line}: ${response.status} ${text}`);
  return JSON.parse(text);
}

async function refused(line: string, code: string, options: Call = {}) {
  const response = await send(line, options);
  const text = await response.text();
  assert.ok(!response.ok, `${line} succeeded: ${text}`);
  const { error } = ErrorBody.parse(JSON.parse(text));
  assert.equal(error.code, code, error.message);
  return error;
}

let made = 0;
const newCustomer = (reference = `ref-${++made}`) =>
  call<Customer>('POST /v1/customers', { body: { name: `Customer ${reference}`, reference } });

const newConnection = (customer: Customer) =>
  call<ConnectionBy<'role'> & { readonly bucket: string }>('POST /v1/connections', {
    body: {
      customerId: customer.id,
      location: `s3://bucket-${++made}/causeway/`,
      accountId: '222222222222',
    },
  });

/** A customer whose bucket is connected and checked. */
async function connected(
  reference: string,
): Promise<{ customer: Customer; connection: Connection }> {
  const customer = await newCustomer(reference);
  const { id } = await newConnection(customer);
  await stage.setUp(await call<SetupGuide>(`GET /v1/connections/${id}/setup-guide`));
  const report = await call<CheckReport>(`POST /v1/connections/${id}/check`);
  assert.equal(report.outcome, 'healthy', JSON.stringify(report.steps));
  return { customer, connection: await call<Connection>(`GET /v1/connections/${id}`) };
}

const newDataset = (change: object = {}) =>
  call<Dataset>('POST /v1/datasets', {
    body: {
      name: `flights-${++made}`,
      source: { type: 'file', path: stage.flightsFile },
      customerColumn: 'origin',
      cursorColumn: 'date',
      ...change,
    },
  });

const newDelivery = (dataset: Dataset, customers: readonly Customer[], change: object = {}) =>
  call<Delivery>('POST /v1/deliveries', {
    body: {
      name: 'Daily flights',
      datasetId: dataset.id,
      customerIds: customers.map(({ id }) => id),
      ...change,
    },
  });

/** Every event of a run's progress, until the server ends the stream. */
async function follow(runId: string, options: Call = {}): Promise<RunProgress[]> {
  const response = await send(`GET /v1/runs/${runId}/progress`, options);
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  const events = await response.text();
  return [...events.matchAll(/^event: message\ndata: (.*)$/gm)].map(([, data = '']) =>
    RunProgress.parse(JSON.parse(data)),
  );
}

async function finished(run: Run, options: Call = {}): Promise<Run> {
  await follow(run.id, options);
  return call<Run>(`GET /v1/runs/${run.id}`, options);
}

describe('startServer()', () => {
  it('makes a first API key, and every operation that is not open needs one', async () => {
    assert.match(apiKey, /^cwk_/);
    for (const { method, path, meta } of listOperations()) {
      const response = await fetch(`${server.url}${path.replace('{id}', 'x_1')}`, { method });

      assert.equal(response.status === 401, meta.open !== true, path);
    }
    const forged = `${apiKey.slice(0, -1)}${apiKey.endsWith('a') ? 'b' : 'a'}`;
    const headers = { authorization: `Bearer ${forged}` };
    assert.equal((await fetch(`${server.url}/v1/customers`, { headers })).status, 401);
  });

  it('keeps customers: makes, gives, lists by pages, and refuses a reference twice', async () => {
    const customers = [await newCustomer(), await newCustomer(), await newCustomer()];
    const [, , last] = customers;

    assert.deepEqual(await call(`GET /v1/customers/${last?.id}`), last);
    type CustomerPage = { items: Customer[]; nextCursor: string | null };
    const first = await call<CustomerPage>('GET /v1/customers?limit=2');
    const second = await call<CustomerPage>(`GET /v1/customers?limit=2&cursor=${first.nextCursor}`);
    assert.deepEqual(
      [...first.items, ...second.items].slice(0, 3).map(({ id }) => id),
      customers.map(({ id }) => id).reverse(),
    );

    const error = await refused('POST /v1/customers', 'conflict', {
      body: { name: 'Again', reference: last?.reference },
    });
    assert.deepEqual((error.details as { existingId: string }).existingId, last?.id);
    await refused('GET /v1/customers/cus_none', 'not_found');
    await refused('GET /v1/customers/%00', 'invalid_request');
    await refused('GET /v1/customers?cursor=x', 'invalid_request');
  });

  it('creates once for each idempotency key, also when both requests come at once', async () => {
    const body = { name: 'Once', reference: `once-${++made}` };
    const answers = await Promise.all([
      call<Customer>('POST /v1/customers', { body, key: 'first' }),
      call<Customer>('POST /v1/customers', { body, key: 'first' }),
    ]);

    assert.deepEqual(answers[0], answers[1]);
    assert.deepEqual(await call('POST /v1/customers', { body, key: 'first' }), answers[0]);
    const other = { ...body, name: 'Other' };
    await refused('POST /v1/customers', 'idempotency_key_reused', { body: other, key: 'first' });
  });

  it('does not remember a failure under an idempotency key', async () => {
    const reference = `later-${++made}`;
    await refused('POST /v1/customers', 'invalid_request', { body: { reference }, key: 'retry' });

    const body = { name: 'Later', reference };
    assert.equal((await send('POST /v1/customers', { body, key: 'retry' })).status, 201);
  });

  it('fixes what a connection needs, and says what the customer must create', async () => {
    const connection = await newConnection(await newCustomer());

    assert.equal(connection.status, 'draft');
    assert.match(connection.externalId, /^cw-[0-9a-z]{26}$/);
    const guide = await call<SetupGuide>(`GET /v1/connections/${connection.id}/setup-guide`);
    assert.equal(guideValue(guide, 'principalArn'), 'arn:aws:iam::111111111111:user/causeway');
    assert.equal(guideValue(guide, 'externalId'), connection.externalId);
  });

  it('refuses a connection to itself, to nobody, or over another', async () => {
    const customer = await newCustomer();
    const body = { customerId: customer.id, location: 's3://taken/a/', accountId: '222222222222' };
    await call('POST /v1/connections', { body });

    await refused('POST /v1/connections', 'location_overlaps', {
      body: { ...body, location: 's3://taken/a/b/' },
    });
    await refused('POST /v1/connections', 'account_not_allowed', {
      body: { ...body, location: 's3://own/', accountId: '111111111111' },
    });
    await refused('POST /v1/connections', 'not_found', {
      body: { ...body, location: 's3://x-none/', customerId: 'cus_none' },
    });
    await refused('POST /v1/connections', 'invalid_location', {
      body: { ...body, location: 's3://../' },
    });
  });

  it('says what pasted policies will do, and asks for at least one of them', async () => {
    const { id } = await newConnection(await newCustomer());
    const trustPolicy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' },
    });
    const line = `POST /v1/connections/${id}/diagnose`;

    const diagnosis = await call<Diagnosis>(line, { body: { trustPolicy } });

    assert.equal(diagnosis.verdict, 'insecure');
    assert.equal(diagnosis.documents[0]?.document, 'trustPolicy');
    await refused(line, 'invalid_request', { body: {} });
    await refused(line, 'invalid_request', { body: { trustPolicy, bucket_policy: '{}' } });
    await refused(line, 'invalid_request', { body: { keyPolicy: trustPolicy } });
    await refused('POST /v1/connections/conn_none/diagnose', 'not_found', {
      body: { trustPolicy },
    });
  });

  it('checks a connection, keeps the report, and never activates an open door', async () => {
    const connection = await newConnection(await newCustomer());
    const guide = await call<SetupGuide>(`GET /v1/connections/${connection.id}/setup-guide`);
    const before = await call<CheckReport>(`POST /v1/connections/${connection.id}/check`);
    assert.equal(before.outcome, 'failing');

    await stage.setUp(guide, {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: guideValue(guide, 'principalArn') },
        Action: 'sts:AssumeRole',
      },
    });
    const open = await call<CheckReport>(`POST /v1/connections/${connection.id}/check`);

    assert.equal(open.outcome, 'insecure');
    const kept = await call<Connection>(`GET /v1/connections/${connection.id}`);
    assert.equal(kept.status, 'insecure');
    assert.deepEqual(kept.lastCheck, open);
  });

  it('makes a dataset of a file in its folders, with the schema that the file has', async () => {
    const dataset = await newDataset({ primaryKey: ['date', 'origin'] });

    assert.deepEqual(
      dataset.schema.map(({ name }) => name),
      ['date', 'delay', 'distance', 'origin', 'destination'],
    );
    const source = { type: 'file', path: '/etc/passwd' };
    const body = { name: `d-${++made}`, source };
    await refused('POST /v1/datasets', 'source_not_allowed', { body });
    const flights = { ...body, source: { ...source, path: stage.flightsFile } };
    const error = await refused('POST /v1/datasets', 'column_not_found', {
      body: { ...flights, customerColumn: 'Origin' },
    });
    assert.match(error.message, /"origin"/);
    await refused('POST /v1/datasets', 'cursor_not_usable', {
      body: { ...flights, cursorColumn: 'origin' },
    });
    await refused('POST /v1/datasets', 'source_not_readable', {
      body: { ...body, source: { ...source, path: `${stage.flightsFile}.none` } },
    });
    await refused('POST /v1/datasets', 'conflict', { body: { ...flights, name: dataset.name } });
  });

  it('refuses a delivery that no run could carry out', async () => {
    const customer = await newCustomer();
    const dataset = await newDataset({ cursorColumn: null });
    const body = { name: 'D', datasetId: dataset.id, customerIds: [customer.id] };

    const error = await refused('POST /v1/deliveries', 'invalid_request', {
      body: { ...body, mode: 'incremental', format: 'jsonl', compression: 'snappy' },
    });
    assert.match(error.message, /"compression" .*; "mode" /);
    const conditions = [
      { column: 'gone', operator: 'is_null' },
      { column: 'delay', operator: 'starts_with', value: '1' },
      { column: 'delay', operator: 'less', value: 1.5 },
    ];
    const selection = await refused('POST /v1/deliveries', 'invalid_request', {
      body: { ...body, columns: ['delay', 'Origin', 'delay'], filter: { conditions } },
    });
    const paths = [...selection.message.matchAll(/"((?:columns|filter)\.[^"]+)"/g)];
    assert.deepEqual(
      paths.map(([, path]) => path),
      [
        'columns.1',
        'columns.2',
        'filter.conditions.0.column',
        'filter.conditions.1.operator',
        'filter.conditions.2.value',
      ],
    );
    await refused('POST /v1/deliveries', 'not_found', { body: { ...body, datasetId: 'ds_none' } });
    await refused('POST /v1/deliveries', 'not_found', {
      body: { ...body, customerIds: ['cus_x'] },
    });
    const delivery = await newDelivery(dataset, [customer]);
    await refused(`POST /v1/deliveries/${delivery.id}/runs`, 'no_recipients');
    await refused('POST /v1/deliveries/dlv_none/runs', 'not_found');
    await refused(`POST /v1/deliveries/${delivery.id}/runs`, 'invalid_request', {
      body: { window: { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' } },
    });
  });

  it('delivers to each customer its own rows, proved by a signed manifest, and once', async () => {
    const { customer, connection } = await connected('SFO');
    const stranger = await newCustomer('LAS');
    const delivery = await newDelivery(await newDataset(), [customer, stranger]);
    assert.equal(delivery.compression, 'zstd');

    const started = await call<Run>(`POST /v1/deliveries/${delivery.id}/runs`);
    const events = await follow(started.id);
    const run = await call<Run>(`GET /v1/runs/${started.id}`);

    assert.equal(events.at(-1)?.state, 'partial');
    assert.equal(run.state, 'partial');
    const [mine, theirs] = run.recipients;
    assert.equal(theirs?.failure?.code, 'no_recipients');
    assert.equal(mine?.state, 'delivered');
    assert.ok(mine.rows > 0 && mine.manifestKey !== null);

    const manifest = Manifest.parse(
      JSON.parse(await stage.readObject('222222222222', connection.bucket ?? '', mine.manifestKey)),
    );
    const keys = await (await fetch(`${server.url}/.well-known/causeway-keys.json`)).json();
    assert.equal(verifySignature(manifest, PublicKeySet.parse(keys)), 'valid');
    assert.equal(manifest.rows, mine.rows);

    const again = await finished(await call<Run>(`POST /v1/deliveries/${delivery.id}/runs`));
    assert.equal(again.recipients[0]?.state, 'unchanged');
    assert.equal(again.recipients[0].deliveredByRunId, run.id);
    const listed = await call<{ items: Run[] }>(`GET /v1/runs?deliveryId=${delivery.id}`);
    assert.deepEqual(
      listed.items.map(({ id }) => id),
      [again.id, run.id],
    );
    const partial = `GET /v1/runs?customerId=${mine.customerId}&state=partial`;
    assert.deepEqual(await call(partial), { ...listed, nextCursor: null });
    assert.deepEqual(await call(partial.replace('partial', 'failed')), {
      items: [],
      nextCursor: null,
    });
    await refused('GET /v1/runs?state=broken', 'invalid_request');
  });

  it('tells of a run that has ended in one event, and of none with a plain 404', async () => {
    const { items } = await call<{ items: Run[] }>('GET /v1/runs?limit=1');

    assert.equal((await follow(items[0]?.id ?? '')).length, 1);
    await refused('GET /v1/runs/run_none/progress', 'not_found');
  });

  it('shows all of it on its page', async () => {
    const page = await (await fetch(`${server.url}/`)).text();

    for (const shown of ['Customer SFO', 'Daily flights', 'delivered', 'steps passed']) {
      assert.ok(page.includes(shown), shown);
    }
  });

  it('writes no secret into its log', () => {
    assert.match(log, /"event":"server:started"/);
    assert.match(log, /"event":"recipient:delivered"/);
    const { credentials } = stage.configuration.aws;
    for (const secret of [apiKey, credentials?.secretAccessKey, 'cwk_']) {
      assert.ok(secret && !log.includes(secret));
    }
    assert.doesNotMatch(log, /"level":"error"/);
  });

  it('finds everything again after a restart, and makes no second key', async () => {
    const keysUrl = '/.well-known/causeway-keys.json';
    const before = await Promise.all([call('GET /v1/runs'), call(`GET ${keysUrl}`)]);
    await server.close();

    server = await startServer({
      configuration: embedded,
      log: writeLog,
    });

    assert.equal(server.firstApiKey, undefined);
    assert.deepEqual(await Promise.all([call('GET /v1/runs'), call(`GET ${keysUrl}`)]), before);
    const page = await (await fetch(`${server.url}/`)).text();
    assert.ok(!page.includes('Customer SFO'), 'the page is open though nobody asked for it');
  });
});

describe('startServer() and startWorker() apart', () => {
  it('share the work by the database; streams end when the server does', async () => {
    await server.close();
    const { configuration } = stage;
    server = await startServer({ configuration, log: writeLog, worker: false });
    apiKey = server.firstApiKey ?? '';
    try {
      const { customer } = await connected('JFK');
      const delivery = await newDelivery(await newDataset(), [customer]);
      const run = await call<Run>(`POST /v1/deliveries/${delivery.id}/runs`);
      await refused(`POST /v1/deliveries/${delivery.id}/runs`, 'run_in_progress');
      const gone = new AbortController();
      const cut = assert.rejects(follow(run.id, { signal: gone.signal }));
      gone.abort();
      await cut;

      const worker = await startWorker({ configuration, log: writeLog });
      assert.equal((await finished(run)).state, 'succeeded');
      await worker.close();

      const waiting = await call<Run>(`POST /v1/deliveries/${delivery.id}/runs`);
      const stream = await send(`GET /v1/runs/${waiting.id}/progress`);
      const [events] = await Promise.all([stream.text(), server.close()]);
      assert.equal(events.match(/"state":"queued"/g)?.length, 1);
    } finally {
      await server.close();
    }
  });
});

describe('startServer() when something is missing', () => {
  async function failure(change: Partial<Configuration>, message: RegExp): Promise<void> {
    const configuration = { ...embedded, ...change };
    await assert.rejects(startServer({ configuration, log: writeLog }), (error) => {
      assert.ok(CausewayError.is(error, 'configuration_invalid'), String(error));
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /canary/);
      return true;
    });
    await assert.rejects(access(join(embedded.dataDir, 'postgres', 'postmaster.pid')), {
      code: 'ENOENT',
    });
  }

  it('names credentials that AWS refuses, and leaves nothing running', async () => {
    const credentials = { accessKeyId: 'AKIANOBODY', secretAccessKey: 'canary' };
    const aws = { ...stage.configuration.aws, credentials };

    await failure({ aws }, /refused by STS with InvalidClientTokenId/);
  });

  it('names a principal of another account', async () => {
    const operatorPrincipalArn = 'arn:aws:iam::999999999999:role/x';
    const aws = { ...stage.configuration.aws, operatorPrincipalArn };

    await failure({ aws }, /OPERATOR_PRINCIPAL_ARN ".*" must be of account 111111111111/);
  });

  it('names a port that is taken, and an address that is not of this machine', async () => {
    const port = Number(new URL(stage.sandbox.url).port);

    await failure({ port }, /CAUSEWAY_PORT [0-9]+ is taken/);
    await failure({ host: '192.0.2.1' }, /CAUSEWAY_HOST "192\.0\.2\.1" is no address/);
  });
});
