import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DeleteAccessKeyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { newKeyLine, openKeyRing, parseKeyFile, secretVault } from '@causeway/connections';
import {
  type CheckReport,
  type Connection,
  type ConnectionBy,
  type ConnectSession,
  type Customer,
  type Dataset,
  type Delivery,
  guideDocument,
  guideValue,
  type Run,
  type SecretRotation,
  type SetupGuide,
  SetupTool,
} from '@causeway/contract';
import {
  type AccessKey,
  accountClients,
  createAccessKey,
  createUser,
  registerIssuer,
} from '@causeway/sandbox/clients';
import pg from 'pg';
import { createClosers } from './closers.ts';
import { jsonLinesLog } from './log.ts';
import { type Server, startServer } from './start-server.ts';
import { type IssuerFront, startIssuerFront } from './testing/issuer-front.ts';
import { createLeakSearch } from './testing/leak-search.ts';
import { openTestStage, type TestStage } from './testing/test-stage.ts';

const acme = '222222222222';
type KeyConnection = ConnectionBy<'access_key'>;

const leaks = createLeakSearch();
const closers = createClosers();
let stage: TestStage;
let front: IssuerFront;
let server: Server;
let apiKey = '';
let databaseUrl = '';
let keyFile = '';
let connection: KeyConnection;

before(async () => {
  [stage, front] = await Promise.all([openTestStage(), startIssuerFront()]);
  closers.add(() => stage.close());
  closers.add(() => front.close());
  const { configuration } = stage;
  const { dataDir } = configuration;
  ({ databaseUrl } = configuration);
  keyFile = join(dataDir, 'keys', 'secrets.keys');
  const write = jsonLinesLog((line) => leaks.record('log', line));
  server = await startServer({
    configuration: {
      ...configuration,
      issuer: { url: front.url, audience: 'sts.amazonaws.com' },
    },
    openPage: true,
    log(entry) {
      write(entry);
      // What is taken out of lines by pattern should not have come so far.
      for (const error of causesOf(entry['error'])) {
        leaks.record('logged error', `${error.message}\n${error.stack}`);
      }
    },
  });
  closers.add(() => server.close());
  front.origin = server.url;
  apiKey = server.firstApiKey ?? '';
  leaks.forbid('API key', apiKey.slice(8, -4));
  const { credentials } = configuration.aws;
  leaks.forbid("operator's secret access key", credentials?.secretAccessKey ?? '');
});
after(() => closers.close());

function causesOf(error: unknown): Error[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Sent {
  readonly body?: unknown;
  /** Whether the answer is where a secret is shown, once and nowhere else. */
  readonly shows?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request and takes down all that comes back. */
async function send(line: string, { body, headers, shows = false }: Sent = {}): Promise<Answer> {
  const [method = '', path = ''] = line.split(' ');
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const shown = await response.text();
  const head = [...response.headers].map((header) => header.join(': '));
  leaks.record(`answer to ${line}`, [...head, ...(shows ? [] : [shown])].join('\n'));
  return { status: response.status, text: shown };
}

async function call<T>(line: string, body?: unknown): Promise<T> {
  const answer = await send(line, body === undefined ? {} : { body });
  assert.ok(answer.status < 300, `${line}: ${answer.text}`);
  return JSON.parse(answer.text);
}

async function refused(line: string, sent: Sent): Promise<void> {
  const { status, text: shown } = await send(line, sent);
  assert.ok(status >= 400 && status < 500, `${line}: ${status} ${shown}`);
}

const check = (id: string) => call<CheckReport>(`POST /v1/connections/${id}/check`);
const keysOf = ({ id }: { readonly id: string }) => `/v1/connections/${id}/access-keys`;

/** A key as the customer's administrator makes it, and none of it may be seen again. */
async function newKey(userName: string, name: string): Promise<AccessKey> {
  const { iam } = accountClients(stage.sandbox.url, acme);
  const pair = await createAccessKey(iam, userName);
  leaks.forbid(`secret of the ${name} key`, pair.secretAccessKey);
  leaks.forbid(`ID of the ${name} key`, pair.accessKeyId.slice(0, -4));
  return pair;
}

async function newTemporaryKey(pair: AccessKey): Promise<object> {
  const endpoint = stage.sandbox.url;
  // The SDK writes into what it is given.
  const sts = new STSClient({ endpoint, region: 'us-east-1', credentials: { ...pair } });
  const { Credentials: made } = await sts.send(new GetSessionTokenCommand({}));
  sts.destroy();
  assert.match(made?.AccessKeyId ?? '', /^ASIA/);
  leaks.forbid('ID of the temporary key', made?.AccessKeyId?.slice(0, -4) ?? '');
  leaks.forbid('secret of the temporary key', made?.SecretAccessKey ?? '');
  leaks.forbid('session token', made?.SessionToken ?? '');
  return {
    accessKeyId: made?.AccessKeyId,
    secretAccessKey: made?.SecretAccessKey,
    sessionToken: made?.SessionToken,
  };
}

async function newConnection(access: string, reference: string): Promise<Connection> {
  const { id: customerId } = await call<Customer>('POST /v1/customers', {
    name: reference,
    reference,
  });
  const location = `s3://canary-${reference.toLowerCase()}/causeway/`;
  return call('POST /v1/connections', { customerId, access, location, accountId: acme });
}

const guideOf = ({ id }: Connection) => call<SetupGuide>(`GET /v1/connections/${id}/setup-guide`);

/** Bucket and user as the guide says. */
async function setUpUser(connection: Connection): Promise<string> {
  const guide = await guideOf(connection);
  const { iam, s3 } = accountClients(stage.sandbox.url, acme);
  const UserName = guideValue(guide, 'userName');
  await s3.send(new CreateBucketCommand({ Bucket: guideValue(guide, 'bucket') }));
  await createUser(iam, UserName, guideDocument(guide, 'permissionsPolicy'));
  return UserName;
}

async function newDelivery(name: string, connections: readonly Connection[]): Promise<Delivery> {
  const dataset = await call<Dataset>('POST /v1/datasets', {
    name,
    source: { type: 'file', path: stage.flightsFile },
    customerColumn: 'origin',
  });
  return call<Delivery>('POST /v1/deliveries', {
    name,
    datasetId: dataset.id,
    customerIds: connections.map(({ customerId }) => customerId),
  });
}

async function run({ id }: Delivery): Promise<Run> {
  const started = await call<Run>(`POST /v1/deliveries/${id}/runs`, {});
  await send(`GET /v1/runs/${started.id}/progress`);
  return call<Run>(`GET /v1/runs/${started.id}`);
}

/** Runs a command as the operator would, with what it reads; takes down what it prints. */
async function causeway(args: readonly string[], input: string): Promise<number | null> {
  const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url));
  const flags = ['--experimental-strip-types', '--conditions=@causeway/source'];
  const child = spawn(process.execPath, [...flags, main, ...args, '--url', server.url], {
    env: { PATH: process.env['PATH'] ?? '', CAUSEWAY_API_KEY: apiKey },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input);
  const [[exitCode], stdout, stderr] = await Promise.all([
    once(child, 'exit') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  leaks.record('command: stdout', stdout);
  leaks.record('command: stderr', stderr);
  return exitCode;
}

/** The keys as whoever holds the key file and the database can read them. */
async function forbidKeysOfTheOperator(): Promise<void> {
  const lines = await readFile(keyFile, 'utf8');
  for (const [, key = ''] of lines.matchAll(/^[^#\n]*:(\S+)$/gm)) {
    leaks.forbid('key-encryption key', Buffer.from(key, 'base64'));
  }
  const ring = await openKeyRing({ readKeys: async () => parseKeyFile(lines) });
  const vault = secretVault(ring, server.store.secrets);
  const keys = await server.store.issuerKeys.list();
  assert.ok(keys.length > 0);
  for (const { id } of keys) {
    const place = { customerId: null, connectionId: null, field: `issuer_key/${id}` };
    const pem = (await vault.read(place))?.reveal() ?? '';
    // As it is kept, a line break may cut any of its numbers; the lines before tell the public half.
    for (const line of pem.trim().split('\n').slice(-8, -2)) {
      leaks.forbid("line of the issuer's private key", line);
    }
    const { d = '', p = '' } = createPrivateKey(pem).export({ format: 'jwk' });
    leaks.forbid("issuer's private exponent", Buffer.from(d, 'base64url').subarray(8, 72));
    leaks.forbid("issuer's prime", Buffer.from(p, 'base64url').subarray(8, 72));
  }
}

/** Every value in every table of ours and of the queue, bytes as they are. */
async function dumpDatabase(): Promise<string[]> {
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    const { rows: tables } = await database.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema !~ '^(pg_|information_schema)'`,
    );
    for (const { name } of tables) {
      const { rows } = await database.query<Record<string, unknown>>(`select * from ${name}`);
      for (const value of rows.flatMap((row) => Object.values(row))) {
        const bytes = Buffer.isBuffer(value) ? value : JSON.stringify(value);
        leaks.record(`table ${name}`, bytes);
      }
    }
    return tables.map(({ name }) => name);
  } finally {
    await database.end();
  }
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

/** Reads whatever can be read, as the description of the API has it: also what is added later. */
async function readEverything(): Promise<void> {
  const { paths } = await call<OpenApi>('GET /openapi.json');
  const readable = Object.keys(paths).filter((path) => paths[path]?.['get']);
  for (const path of readable) {
    const [list = '', rest] = path.split('{id}');
    const ids = rest === undefined ? [''] : await idsOf(list.slice(0, -1));
    const tools = path.includes('{tool}') ? SetupTool.options : [''];
    for (const id of ids) {
      for (const tool of tools) {
        await send(`GET ${path.replace('{id}', id).replace('{tool}', tool)}`);
      }
    }
  }
  for (const path of ['/', '/reference', '/.well-known/jwks.json', '/nowhere']) {
    await send(`GET ${path}`);
  }
}

async function idsOf(list: string): Promise<string[]> {
  const { items } = await call<{ items: { id: string }[] }>(`GET ${list}`);
  assert.ok(items.length > 0, `there is something in ${list}`);
  return items.map(({ id }) => id);
}

describe('nothing secret gets out', () => {
  let user: string;
  let first: AccessKey;

  it('when access keys are entered and refused, whatever is wrong with them', async () => {
    connection = (await newConnection('access_key', 'SFO')) as KeyConnection;
    user = await setUpUser(connection);
    first = await newKey(user, 'first');
    const path = keysOf(connection);
    const swapped = {
      accessKeyId: first.secretAccessKey,
      secretAccessKey: first.accessKeyId,
    };

    await refused(`POST ${path}`, { body: { ...first, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } });
    await refused(`POST ${path}`, {
      body: { ...first, secretAccessKey: `${first.secretAccessKey}x` },
    });
    await refused(`POST ${path}`, { body: await newTemporaryKey(first) });
    await refused(`POST ${path}`, { body: swapped });
    await refused(`POST ${path}`, {
      body: { ...first, secretAccessKey: `a ${first.secretAccessKey}` },
    });
    await refused(`POST ${path}`, { body: { ...first, secretAccessKey: [first.secretAccessKey] } });
    await refused(`POST ${path}`, { body: { AWS_SECRET_ACCESS_KEY: first.secretAccessKey } });
    await refused(`POST ${path}`, { body: `{"secretAccessKey": "${first.secretAccessKey}` });
    await refused(`POST ${path}`, { body: first, headers: { authorization: `Bearer ${apiKey}x` } });
    const { accessKeys } = await call<KeyConnection>(`GET /v1/connections/${connection.id}`);
    assert.deepEqual(accessKeys, []);
  });

  it('when a key is entered, checked and replaced, over HTTP and at the command line', async () => {
    const path = keysOf(connection);
    const headers = { 'idempotency-key': 'canary' };
    for (const time of ['first', 'again']) {
      const { status, text: shown } = await send(`POST ${path}`, { body: first, headers });
      assert.ok(status < 300, `${time}: ${shown}`);
    }
    assert.equal((await check(connection.id)).outcome, 'healthy');
    const second = await newKey(user, 'second');
    const add = ['connections', 'keys', 'add', connection.id, '--access-key-id'];

    assert.notEqual(await causeway([...add, second.accessKeyId], 'not the secret'), 0);
    assert.equal(
      await causeway([...add, second.accessKeyId, '--json'], `${second.secretAccessKey}\n`),
      0,
    );

    const { accessKeys } = await call<KeyConnection>(`GET /v1/connections/${connection.id}`);
    assert.equal(accessKeys.length, 2);
    await call(`POST ${path}/${accessKeys[1]?.id}/check`);
  });

  it('when a customer enters by a setup link', async () => {
    const { customerId } = connection;
    const created = await send('POST /v1/setup-links', {
      body: { connection: { customerId } },
      shows: true,
    });
    const link: { id: string; url: string } = JSON.parse(created.text);
    const token = new URL(link.url).hash.slice(1);
    const opened = await send('POST /v1/connect/sessions', { body: { token }, shows: true });
    const session: ConnectSession = JSON.parse(opened.text);
    leaks.forbid('token of a setup link', token);
    leaks.forbid('token of a session', session.token);
    const headers = { authorization: `Bearer ${session.token}` };

    const { status } = await send('GET /v1/connect/connection', { headers });
    await refused('PATCH /v1/connect/connection', { headers, body: { token } });
    await refused('GET /v1/customers', { headers });
    await refused('POST /v1/connect/sessions', { body: { token: `${token}x` } });
    await refused('POST /v1/connect/sessions', { body: { token: [token] } });
    await call(`DELETE /v1/setup-links/${link.id}`);
    await refused('POST /v1/connect/sessions', { body: { token } });
    await refused('GET /v1/connect/connection', { headers });

    assert.equal(status, 200);
  });

  it('when files are delivered with keys and with tokens', async () => {
    const other = await newConnection('web_identity', 'LAX');
    const { iam, s3 } = accountClients(stage.sandbox.url, acme);
    await registerIssuer(iam, front.url, ['sts.amazonaws.com']);
    const foreign = await check(other.id);
    await stage.setUp(await guideOf(other));
    const report = await check(other.id);
    const delivery = await newDelivery('flights', [connection, other]);

    const delivered = await run(delivery);

    assert.equal(foreign.outcome, 'failing');
    assert.equal(report.outcome, 'healthy', JSON.stringify(report.steps));
    assert.equal(delivered.state, 'succeeded', JSON.stringify(delivered.recipients));
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'canary-sfo' }));
    assert.ok(Contents?.some(({ Key }) => Key?.endsWith('.parquet')));
  });

  it('when the keys of the operator are rotated', async () => {
    await appendFile(keyFile, `\n${newKeyLine('k-second')}\n`);

    const rotation = await call<SecretRotation>('POST /v1/secrets/rotate', {});
    await call('POST /v1/issuer/rotate', {});

    assert.ok(rotation.rewrapped >= 3, JSON.stringify(rotation));
  });

  it('when a key that worked is taken away, in checks and in runs', async () => {
    const { iam } = accountClients(stage.sandbox.url, acme);
    const { accessKeyId: AccessKeyId } = first;
    await iam.send(new DeleteAccessKeyCommand({ UserName: user, AccessKeyId }));
    const recipientOf = ({ recipients }: Run) => recipients[0]?.state;
    const delivery = await newDelivery('flights-again', [connection]);

    const failed = await run(delivery);
    const report = await check(connection.id);
    await refused(`POST /v1/deliveries/${delivery.id}/runs`, { body: {} });

    assert.equal(recipientOf(failed), 'failed', JSON.stringify(failed.recipients));
    assert.equal(report.outcome, 'failing', JSON.stringify(report.steps));
  });

  it('when a webhook is made and its secret replaced', async () => {
    const body = { url: 'https://hooks.example.com/causeway' };
    const made = JSON.parse((await send('POST /v1/webhooks', { body, shows: true })).text);
    const rotate = `POST /v1/webhooks/${made.id}/rotate-secret`;
    const rotated = JSON.parse((await send(rotate, { body: {}, shows: true })).text);
    for (const { secret } of [made, rotated]) {
      assert.match(secret, /^whsec_/);
      leaks.forbid('secret of a webhook', secret.slice('whsec_'.length));
    }
  });

  it('in any answer, log, table or output of a command', async () => {
    await forbidKeysOfTheOperator();
    await readEverything();

    const tables = await dumpDatabase();

    assert.ok(tables.includes('causeway.secrets'), tables.join());
    assert.ok(new Set(tables.map((name) => name.split('.')[0])).size > 1, 'the queue has a schema');
    assert.deepEqual(leaks.find(), []);
  });
});

describe('the search for secrets', () => {
  it('has seen what is no secret wherever it was let out', () => {
    const places = leaks.placesOf(connection.id);

    for (const place of [
      'command: stdout',
      'answer to GET /',
      'answer to GET /v1/connections',
      'answer to GET /v1/events',
      'table causeway.connections',
      'table causeway.events',
    ]) {
      assert.ok(places.includes(place), `${place} is not among ${places.join()}`);
    }
    assert.deepEqual(leaks.placesOf('"event":"run:finished"'), ['log']);
  });

  const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
  const search = (output: string | Buffer, forbidden: string | Buffer = secret) => {
    const own = createLeakSearch();
    own.forbid('secret', forbidden);
    own.record('output', output);
    return own.find();
  };

  const encodings: readonly [string, string | Buffer][] = [
    ['as it is', `key=${secret}!`],
    ['cut short', `key=${secret.slice(0, 25)}`],
    ['without its beginning', `key=...${secret.slice(15)}`],
    ['in hex', Buffer.from(`x${secret}`).toString('hex')],
    ['in hex of capitals', Buffer.from(secret).toString('hex').toUpperCase()],
    ['URL-encoded', `?key=${encodeURIComponent(secret)}`],
    ['as HTML', secret.replaceAll('/', '&#x2f;').replaceAll('+', '&#x2b;')],
    ['with escaped slashes', secret.replaceAll('/', '\\/')],
    ...['', 'a', 'ab', 'user:'].flatMap((start): [string, string][] => [
      [`in base64 after "${start}"`, Buffer.from(`${start}${secret}:`).toString('base64')],
      [`in base64url after "${start}"`, Buffer.from(`${start}${secret}:`).toString('base64url')],
    ]),
  ];
  for (const [how, output] of encodings) {
    it(`finds one ${how}`, () => {
      const found = search(output);

      assert.notDeepEqual(found, []);
      assert.ok(!found.join().includes(secret.slice(0, 12)));
    });
  }

  it('finds bytes that are no text', () => {
    const key = Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 37 + 129) % 256));

    assert.notDeepEqual(search(Buffer.concat([Buffer.from('x'), key]), key), []);
    assert.notDeepEqual(search(key.toString('base64'), key), []);
    assert.notDeepEqual(search(`\\x${key.toString('hex')}`, key), []);
  });

  it('finds nothing where there is nothing', () => {
    assert.deepEqual(search('wJalrXUtn, but no more of it'), []);
  });
});
