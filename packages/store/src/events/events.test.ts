import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CausewayError,
  type CheckReport,
  type Connection,
  type ConnectionStatus,
  type Event,
} from '@causeway/contract';
import type { Store } from '../open-store.ts';
import { sampleConnection, sampleCustomer } from '../testing/samples.ts';
import { shareTestDatabase } from '../testing/test-database.ts';

const database = shareTestDatabase();
let databaseUrl: string;
let store: Store;
before(async () => {
  databaseUrl = await database.create();
  store = await database.openStore(databaseUrl);
});
after(() => database.stop());

const actor = { type: 'api_key', id: 'key_1' } as const;

async function newConnection(change: Partial<Connection> = {}): Promise<Connection> {
  const { id } = await sampleCustomer(store);
  const draft = { ...sampleConnection(id), status: 'draft', ...change } as Connection;
  return store.actingAs(actor).connections.insert(draft);
}

/** Oldest first. */
async function eventsOf({ id }: Connection): Promise<Event[]> {
  const { items } = await store.events.list({ limit: 50, connectionId: id });
  return items.toReversed();
}

function reportOf(connection: Connection, change: Partial<CheckReport> = {}): CheckReport {
  const checkedAt = new Date().toISOString();
  return {
    connectionId: connection.id,
    outcome: 'healthy',
    checkedAt,
    durationMs: 1,
    steps: [],
    ...change,
  };
}

const concluding = (status: ConnectionStatus) => () => ({ status, nextCheckInSeconds: null });

const failed: CheckReport['steps'][number] = {
  id: 'role.assume',
  title: 'Assume the role',
  verdict: 'failed',
  cause: 'role_not_assumable',
  message: 'refused',
  durationMs: 1,
};

describe('events', () => {
  it('tell who made a connection, and what it was then', async () => {
    const connection = await newConnection();

    const [event, ...others] = await eventsOf(connection);

    assert.deepEqual(others, []);
    assert.equal(event?.type, 'connection.created');
    assert.deepEqual(event?.actor, actor);
    assert.equal(event?.customerId, connection.customerId);
    assert.equal(event?.after?.['bucket'], connection.bucket);
  });

  it('tell of account, status and the rest apart, and only of what is different', async () => {
    const connection = await newConnection();

    await store.connections.update(connection.id, (before) => ({
      ...before,
      accountId: '333333333333',
      accountConfirmed: false,
      prefix: 'other/',
      status: 'paused',
    }));
    await store.connections.update(connection.id, (before) => ({
      ...before,
      accountConfirmed: true,
    }));
    await store.connections.update(connection.id, (before) => before);

    const told = (await eventsOf(connection)).slice(1);
    assert.deepEqual(
      told.map(({ type, before, after }) => [type, before, after]),
      [
        [
          'connection.account_changed',
          { accountId: '222222222222', accountConfirmed: true },
          { accountId: '333333333333', accountConfirmed: false },
        ],
        ['connection.updated', { prefix: 'causeway/' }, { prefix: 'other/' }],
        ['connection.status_changed', { status: 'draft' }, { status: 'paused' }],
        ['connection.account_confirmed', { accountConfirmed: false }, { accountConfirmed: true }],
      ],
    );
    assert.ok(told.every((event) => event.actor.type === 'system'));
  });

  it('tell of a check that finds something new, with its cause, and not of its repetition', async () => {
    const connection = await newConnection();
    const bad = () => reportOf(connection, { outcome: 'failing', steps: [failed] });

    await store.connections.saveCheck(connection, bad(), concluding('needs_customer'));
    await store.connections.saveCheck(connection, bad(), concluding('needs_customer'));
    await store.connections.saveCheck(connection, reportOf(connection), concluding('active'));

    const told = (await eventsOf(connection)).slice(1);
    assert.deepEqual(
      told.map(({ type, cause, after }) => [type, cause, after?.['status'] ?? after?.['outcome']]),
      [
        ['connection.checked', 'role_not_assumable', 'failing'],
        ['connection.status_changed', 'role_not_assumable', 'needs_customer'],
        ['connection.checked', null, 'healthy'],
        ['connection.status_changed', null, 'active'],
      ],
    );
  });

  it('are not written when the change is not', async () => {
    const connection = await newConnection();

    const update = store.connections.update(connection.id, (before) => ({
      ...before,
      customerId: 'cus_none',
      prefix: 'other/',
    }));

    await assert.rejects(update);
    assert.equal((await eventsOf(connection)).length, 1);
  });

  it('come in pages, newest first, and are found by what they are about', async () => {
    const connection = await newConnection();
    await store.connections.update(connection.id, (c) => ({ ...c, name: 'Second' }));
    const mine = { customerId: connection.customerId };

    const first = await store.events.list({ ...mine, limit: 1 });
    const second = await store.events.list({
      ...mine,
      limit: 1,
      ...(first.nextCursor !== null && { cursor: first.nextCursor }),
    });

    assert.deepEqual(
      [...first.items, ...second.items].map(({ type }) => type),
      ['connection.updated', 'connection.created'],
    );
    const updates = await store.events.list({ ...mine, limit: 5, type: 'connection.updated' });
    assert.deepEqual(updates.items, first.items);
    assert.deepEqual((await store.events.list({ limit: 5, setupLinkId: 'lnk_none' })).items, []);
    const foreign = store.events.list({ limit: 1, cursor: connection.id });
    await assert.rejects(foreign, (error) => CausewayError.is(error, 'invalid_request'));
  });

  it('are found from a time on, whatever zone it is told in', async () => {
    const connection = await newConnection();
    await store.connections.update(connection.id, (before) => ({ ...before, prefix: 'a/' }));
    const [, changed] = await eventsOf(connection);
    const at = Date.parse(changed?.at ?? '');
    const since = async (time: string) => {
      const request = { limit: 50, connectionId: connection.id, since: time };
      return (await store.events.list(request)).items.map(({ id }) => id);
    };
    const inIndia = `${new Date(at + 5.5 * 3_600_000).toISOString().slice(0, -1)}+05:30`;

    assert.ok((await since(inIndia)).includes(changed?.id ?? ''));
    assert.deepEqual(await since(new Date(at + 1).toISOString()), []);
    assert.equal((await since('2020-01-01T00:00:00Z')).length, 2);
  });

  it('cannot be changed or taken away, even by whoever has the database', async () => {
    await newConnection();

    for (const statement of [
      `update causeway.events set type = 'customer.created'`,
      'delete from causeway.events',
      'truncate causeway.events',
    ]) {
      await assert.rejects(database.query(databaseUrl, statement), /only ever added to/, statement);
    }
  });
});
