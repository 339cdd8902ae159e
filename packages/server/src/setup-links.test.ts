import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  type CheckReport,
  type Connection,
  type ConnectionBy,
  type ConnectSession,
  type ConnectView,
  type Customer,
  ErrorBody,
  type Event,
  type Page,
  type SetupGuide,
  type SetupLink,
} from '@causeway/contract';
import { createClosers } from './closers.ts';
import { listOperations } from './operation-table.ts';
import { type Server, startServer } from './start-server.ts';
import { openTestStage, type TestStage } from './testing/test-stage.ts';

const closers = createClosers();
let stage: TestStage;
let server: Server;

before(async () => {
  stage = await openTestStage();
  closers.add(() => stage.close());
  server = await startServer({
    configuration: stage.configuration,
    log: () => {},
    worker: false,
  });
  closers.add(() => server.close());
});
after(() => closers.close());

interface Call {
  readonly body?: unknown;
  /** Default: the API key. Null: none. */
  readonly token?: string | null;
  readonly type?: string | undefined;
}

function send(line: string, { body, type, token = server.firstApiKey ?? null }: Call = {}) {
  const [method = '', path = ''] = line.split(' ');
  return fetch(`${server.url}${path}`, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': type ?? 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
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
const newBucket = () => `setup-bucket-${++made}`;
const newCustomer = () =>
  call<Customer>('POST /v1/customers', { body: { name: 'Acme', reference: `setup-${++made}` } });

type NewLink = SetupLink & { readonly url: string };

async function newLink(terms: object = {}): Promise<NewLink & { readonly token: string }> {
  const { id: customerId } = await newCustomer();
  const body = { connection: { customerId }, ...terms };
  const link = await call<NewLink>('POST /v1/setup-links', { body });
  return { ...link, token: new URL(link.url).hash.slice(1) };
}

const open = (token: string) =>
  call<ConnectSession>('POST /v1/connect/sessions', { body: { token }, token: null });

async function newSession(terms: object = {}) {
  const link = await newLink(terms);
  const { token, connectionId } = await open(link.token);
  return { link, token, connectionId };
}

const eventsOf = async (connectionId: string): Promise<Event[]> =>
  (await call<Page<Event>>(`GET /v1/events?connectionId=${connectionId}`)).items.toReversed();

describe('a setup link', () => {
  it('has its token in the fragment, which no server and no log ever sees', async () => {
    const link = await newLink();

    const url = new URL(link.url);
    assert.equal(url.pathname, '/connect');
    assert.equal(url.search, '');
    assert.match(link.token, /^cwl_[0-9A-Za-z]{49}$/);
    const week = 7 * 24 * 3600 * 1000;
    assert.equal(Date.parse(link.expiresAt) - Date.parse(link.createdAt) - week < 1000, true);
    const listed = await call<Page<SetupLink>>(
      `GET /v1/setup-links?connectionId=${link.connectionId}`,
    );
    assert.deepEqual(
      listed.items.map(({ id, status, openedAt }) => [id, status, openedAt]),
      [[link.id, 'active', null]],
    );
  });

  it('can be opened again and again until it is revoked, which ends its sessions', async () => {
    const link = await newLink();
    const first = await open(link.token);
    const second = await open(link.token);
    assert.notEqual(first.token, second.token);

    const revoked = await call<SetupLink>(`DELETE /v1/setup-links/${link.id}`);
    const again = await call<SetupLink>(`DELETE /v1/setup-links/${link.id}`);

    assert.equal(revoked.status, 'revoked');
    assert.deepEqual(again, revoked);
    for (const { token } of [first, second]) {
      await refused('GET /v1/connect/connection', 'session_ended', { token });
    }
    const body = { token: link.token };
    const error = await refused('POST /v1/connect/sessions', 'setup_link_not_usable', { body });
    assert.match(error.message, /revoked/);
    await refused('DELETE /v1/setup-links/lnk_none', 'not_found');
  });

  it('tells a broken link from an unknown one', async () => {
    const { token } = await newLink();
    const swapped = token.replace(/^cwl_(.)(.)/, (_, a, b) => `cwl_${b === a ? 'x' : b}${a}`);

    for (const [broken, reason] of [
      [token.slice(0, -1), /not complete/],
      [swapped, /not complete/],
      ['', /not complete/],
      [server.firstApiKey ?? '', /not complete/],
      ['cwl_00000000000000000000000000000000000000000000000000', /not complete/],
    ] as const) {
      const body = { token: broken };
      const error = await refused('POST /v1/connect/sessions', 'setup_link_not_usable', { body });
      assert.match(error.message, reason);
    }
  });

  it('is made for up to 30 days, for a connection that is there or comes with it', async () => {
    const link = await newLink({ expiresInDays: 30 });
    const { connectionId } = link;

    const other = await call<NewLink>('POST /v1/setup-links', { body: { connectionId } });

    assert.equal(other.connectionId, connectionId);
    for (const body of [
      { connectionId, expiresInDays: 31 },
      { connectionId, expiresInDays: 0 },
      { connectionId, connection: { customerId: 'cus_1' } },
      { connectionId, expectedAccountId: '٢٢٢٢٢٢٢٢٢٢٢٢' },
      {},
    ]) {
      await refused('POST /v1/setup-links', 'invalid_request', { body });
    }
    await refused('POST /v1/setup-links', 'not_found', { body: { connectionId: 'conn_none' } });
    const body = { connection: { customerId: 'cus_none' } };
    await refused('POST /v1/setup-links', 'not_found', { body });
  });
});

describe('a setup session', () => {
  it('leads from nothing to a connection that needs only the account confirmed', async () => {
    const { link, token, connectionId } = await newSession();
    const bucket = newBucket();

    const asked = await call<ConnectView>('GET /v1/connect/connection', { token });
    assert.equal(asked.customerName, 'Acme');
    assert.equal(asked.connection.bucket, null);
    const placed = await call<ConnectView>('PATCH /v1/connect/connection', {
      token,
      body: {
        bucket: `https://eu-west-1.console.aws.amazon.com/s3/buckets/${bucket}?region=eu-west-1`,
        accountId: '222222222222',
      },
    });
    assert.deepEqual(
      [placed.connection.bucket, placed.connection.prefix, placed.connection.accountConfirmed],
      [bucket, 'causeway/', false],
    );
    const guide = await call<SetupGuide>(`GET /v1/connections/${connectionId}/setup-guide`, {
      token,
    });
    await stage.setUp(guide);
    const report = await call<CheckReport>(`POST /v1/connections/${connectionId}/check`, { token });
    assert.equal(report.outcome, 'healthy');

    const confirm = `POST /v1/connections/${connectionId}/confirm-account`;
    await refused(confirm, 'not_for_setup', { token, body: { accountId: '222222222222' } });
    await refused(confirm, 'account_mismatch', { body: { accountId: '333333333333' } });
    const confirmed = await call<Connection>(confirm, { body: { accountId: '222222222222' } });
    assert.deepEqual([confirmed.status, confirmed.accountConfirmed], ['active', true]);
    const told = await eventsOf(connectionId);
    assert.deepEqual(
      told.map(({ type, actor }) => `${type} by ${actor.type}`),
      [
        'connection.created by api_key',
        'setup_link.created by api_key',
        'setup_link.opened by setup_link',
        'connection.account_changed by setup_link',
        'connection.updated by setup_link',
        'connection.checked by setup_link',
        'connection.updated by setup_link',
        'connection.status_changed by setup_link',
        'connection.account_confirmed by api_key',
      ],
    );
    assert.equal(told[2]?.actor.id, link.id);
    assert.deepEqual(told[7]?.after, { status: 'active' });
  });

  it('may do what is for setting up, with its own connection, and nothing else', async () => {
    const { token, connectionId } = await newSession();
    const other = await newLink();
    const possible: string[] = [];

    for (const { id, method, path, meta } of listOperations()) {
      if (meta.open) continue;
      for (const target of [connectionId, other.connectionId, 'x_none']) {
        const line = `${method} ${path.replace('{id}', target).replaceAll(/\{[^}]+\}/g, 'x')}`;
        const sent = method === 'GET' ? {} : { body: {}, type: meta.takes };
        const response = await send(line, { token, ...sent });
        const text = await response.text();
        if (response.status === 403) {
          assert.equal(ErrorBody.parse(JSON.parse(text)).error.code, 'not_for_setup', line);
          continue;
        }
        assert.ok(meta.setup === 'session' || target === connectionId, line);
        assert.ok(meta.setup, `${id} is not marked, and possible`);
        possible.push(id);
      }
    }

    for (const id of ['connections.get', 'connections.setupGuide', 'connections.check']) {
      assert.ok(possible.includes(id), id);
    }
    for (const id of ['connections.list', 'connections.update', 'runs.list', 'customers.list']) {
      assert.ok(!possible.includes(id), id);
    }
  });

  it('cannot connect another account than the one that the link fixes', async () => {
    const { token, connectionId } = await newSession({ expectedAccountId: '222222222222' });
    const update = 'PATCH /v1/connect/connection';
    const bucket = newBucket();
    const pinned = await call<ConnectView>('GET /v1/connect/connection', { token });
    assert.equal(pinned.connection.accountId, '222222222222');

    const body = { bucket, accountId: '333333333333' };
    const error = await refused(update, 'account_pinned', { token, body });

    assert.match(error.message, /222222222222/);
    const unchanged = await call<Connection>(`GET /v1/connections/${connectionId}`);
    assert.deepEqual([unchanged.bucket, unchanged.accountId], [null, '222222222222']);
    const { connection } = await call<ConnectView>(update, { token, body: { bucket } });
    assert.deepEqual([connection.bucket, connection.accountConfirmed], [bucket, true]);
    const link = { connectionId, expectedAccountId: '333333333333' };
    await refused('POST /v1/setup-links', 'account_mismatch', { body: link });
  });

  it('makes a confirmed account unconfirmed by changing it, not by repeating it', async () => {
    const { token, connectionId } = await newSession();
    const update = (body: object) =>
      call<ConnectView>('PATCH /v1/connect/connection', { token, body });
    await update({ bucket: newBucket(), accountId: '222222222222' });
    const body = { accountId: '222222222222' };
    await call(`POST /v1/connections/${connectionId}/confirm-account`, { body });

    const repeated = await update({ accountId: '222222222222' });
    const moved = await update({ prefix: 'elsewhere/' });
    const changed = await update({ accountId: '333333333333' });

    assert.equal(repeated.connection.accountConfirmed, true);
    assert.equal(moved.connection.accountConfirmed, true);
    assert.equal(changed.connection.accountConfirmed, false);
    const role = changed.connection as ConnectionBy<'role'>;
    assert.equal(role.roleArn, `arn:aws:iam::333333333333:role/${role.roleName}`);
  });

  it('is known by its token alone', async () => {
    const { token } = await newSession();
    const unknown = `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`;

    await refused('GET /v1/connect/connection', 'session_ended', { token: unknown });
    await refused('GET /v1/connect/connection', 'unauthorized', { token: null });
    await refused('GET /v1/connect/connection', 'session_ended');
  });

  it('tells nothing about whose place a taken one is', async () => {
    const { token } = await newSession();
    const theirs = await newSession();
    const bucket = newBucket();
    await call('PATCH /v1/connect/connection', { token: theirs.token, body: { bucket } });

    const error = await refused('PATCH /v1/connect/connection', 'not_verifiable', {
      token,
      body: { bucket, prefix: 'causeway/inner/' },
    });

    assert.doesNotMatch(JSON.stringify(error), new RegExp(`overlap|${theirs.connectionId}`));
  });

  it('cannot check without end, and hears when it may again', async () => {
    const { token, connectionId } = await newSession({ expectedAccountId: '222222222222' });
    const body = { bucket: newBucket() };
    await call('PATCH /v1/connect/connection', { token, body });

    let response = await send(`POST /v1/connections/${connectionId}/check`, { token });
    for (let i = 0; i < 60 && response.ok; i++) {
      await response.text();
      response = await send(`POST /v1/connections/${connectionId}/check`, { token });
    }

    assert.equal(response.status, 429);
    assert.ok(Number(response.headers.get('retry-after')) > 0);
    assert.equal(ErrorBody.parse(await response.json()).error.code, 'too_many_requests');
  });
});

describe('opening links', () => {
  it('is limited for each address', async () => {
    const tries = Array.from({ length: 80 }, () =>
      send('POST /v1/connect/sessions', { body: { token: 'cwl_x' }, token: null }),
    );

    const statuses = (await Promise.all(tries)).map(({ status }) => status);

    assert.ok(statuses.includes(429));
  });
});
