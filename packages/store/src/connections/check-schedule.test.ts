import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CheckReport, Connection } from '@causeway/contract';
import type { Store } from '../open-store.ts';
import { sampleConnection, sampleCustomer } from '../testing/samples.ts';
import { shareTestDatabase } from '../testing/test-database.ts';

const database = shareTestDatabase();
let databaseUrl: string;
let store: Store;
let other: Store;
before(async () => {
  databaseUrl = await database.create();
  store = await database.openStore(databaseUrl);
  other = await database.openStore(databaseUrl);
});
after(() => database.stop());

/** Connections whose checks are due by this many seconds; null for those that are not scheduled. */
async function connected(...overdue: (number | null)[]): Promise<Connection[]> {
  const { id } = await sampleCustomer(store);
  const made: Connection[] = [];
  for (const seconds of overdue) {
    const connection = await store.connections.insert(sampleConnection(id));
    await due(connection, seconds);
    made.push(connection);
  }
  return made;
}

function due({ id }: Connection, seconds: number | null) {
  return database.query(
    databaseUrl,
    'update causeway.connections set next_check_at = now() - make_interval(secs => $2) where id = $1',
    [id, seconds],
  );
}

function reportOf({ id }: Connection, checkedAt = new Date()): CheckReport {
  return {
    connectionId: id,
    outcome: 'healthy',
    checkedAt: checkedAt.toISOString(),
    durationMs: 1,
    steps: [],
  };
}

function save(connection: Connection, checkedAt?: Date) {
  return store.connections.saveCheck(connection, reportOf(connection, checkedAt), () => ({
    status: 'active',
    nextCheckInSeconds: 3600,
  }));
}

const idsOf = (connections: readonly Connection[]) => connections.map(({ id }) => id).toSorted();

describe('takeDue()', () => {
  it('gives every connection that is due to one of all who ask, and to nobody twice', async () => {
    const made = await connected(...Array.from({ length: 40 }, (_, i) => i + 1));

    const asks = Array.from({ length: 20 }, (_, i) =>
      (i % 2 ? store : other).checkSchedule.takeDue(3),
    );
    const taken = (await Promise.all(asks)).flat();

    assert.deepEqual(idsOf(taken), idsOf(made));
    assert.deepEqual(await store.checkSchedule.takeDue(100), []);
  });

  it('takes the most overdue first, and none whose time has not come', async () => {
    const [late, later] = await connected(10, 100, -60, null);

    const first = await store.checkSchedule.takeDue(1);
    const rest = await store.checkSchedule.takeDue(10);

    assert.deepEqual([idsOf(first), idsOf(rest)], [[later?.id], [late?.id]]);
  });

  it('leaves what is paused or has no bucket yet', async () => {
    const [paused, unnamed] = await connected(10, 10);
    await store.connections.update(paused?.id ?? '', (c) => ({ ...c, status: 'paused' }));
    await due(paused as Connection, 10);
    await store.connections.update(unnamed?.id ?? '', (c) => ({ ...c, bucket: null }));

    assert.deepEqual(await store.checkSchedule.takeDue(10), []);
  });

  it('gives again what was given back, what was checked, and what its taker died over', async () => {
    const [returned, checked, lost] = (await connected(10, 10, 10)) as [
      Connection,
      Connection,
      Connection,
    ];
    assert.equal((await store.checkSchedule.takeDue(10)).length, 3);

    await store.checkSchedule.giveBack(returned.id, -1);
    const saved = await save(checked);
    await database.query(
      databaseUrl,
      'update causeway.connections set check_taken_until = now() where id = $1',
      [lost.id],
    );

    assert.deepEqual(idsOf(await other.checkSchedule.takeDue(10)), idsOf([returned, lost]));
    const inHours = (Date.parse(saved.health.nextCheckAt ?? '') - Date.now()) / 3_600_000;
    assert.ok(Math.abs(inHours - 1) < 0.1);
    await due(checked, 1);
    assert.deepEqual(idsOf(await other.checkSchedule.takeDue(10)), [checked.id]);
  });

  it('checks at once what a person resumes, and leaves a changed draft to a person', async () => {
    const [resumed, moved] = (await connected(-60, -60)) as [Connection, Connection];
    await save(resumed);
    for (const status of ['paused', 'draft'] as const) {
      await store.connections.update(resumed.id, (c) => ({ ...c, status }));
    }
    await store.connections.update(moved.id, (c) => ({ ...c, prefix: 'new/', status: 'draft' }));

    assert.deepEqual(idsOf(await store.checkSchedule.takeDue(10)), [resumed.id]);
  });
});

describe('takeStale()', () => {
  it('gives what was checked long ago to one of all who ask, until that one is done', async () => {
    const [connection] = (await connected(null)) as [Connection];
    await save(connection, new Date(Date.now() - 120_000));
    const ask = (from: Store, seconds: number) =>
      from.checkSchedule.takeStale(connection.id, seconds).then(({ state }) => state);

    assert.equal(await ask(store, 180), 'fresh');
    const states = await Promise.all([ask(store, 60), ask(other, 60), ask(store, 60)]);
    assert.deepEqual(states.toSorted(), ['taken', 'underway', 'underway']);
    await save(connection);
    assert.equal(await ask(other, 60), 'fresh');
  });

  it('leaves a check to whoever prolongs it, and to nobody who has ended it', async () => {
    const [connection] = (await connected(null)) as [Connection];
    const { id } = connection;
    await save(connection, new Date(Date.now() - 120_000));
    const ask = () => other.checkSchedule.takeStale(id, 60).then(({ state }) => state);
    const runOut = () =>
      database.query(
        databaseUrl,
        'update causeway.connections set check_taken_until = now() where id = $1',
        [id],
      );
    assert.equal(await ask(), 'taken');

    await runOut();
    await store.checkSchedule.prolong(id);
    assert.equal(await ask(), 'underway');
    await runOut();
    assert.equal(await ask(), 'taken');
    await store.checkSchedule.giveBack(id, 3600);
    await store.checkSchedule.prolong(id);
    assert.equal(await ask(), 'taken');
  });

  it('knows no connection that is not there', async () => {
    await assert.rejects(store.checkSchedule.takeStale('conn_none', 1), { code: 'not_found' });
  });
});

describe('the status of a connection', () => {
  it('is known since when, over checks that find the same', async () => {
    const [connection] = (await connected(null)) as [Connection];
    const first = await save(connection);
    const again = await save(connection);
    const paused = await store.connections.update(connection.id, (c) => ({
      ...c,
      status: 'paused',
    }));

    assert.equal(first.health.since, connection.health.since);
    assert.equal(again.health.since, connection.health.since);
    assert.ok(paused.health.since > again.health.since);
    assert.equal(paused.health.nextCheckAt, null);
  });
});

describe('the report of a check', () => {
  it('tells drift that breaks nothing by an event of its own', async () => {
    const [connection] = (await connected(null)) as [Connection];
    const advice = [{ step: 'scope', direction: 'wider', message: 'The role sees all' }];

    await store.connections.saveCheck(connection, reportOf(connection), () => ({
      status: 'active',
      nextCheckInSeconds: 60,
      advice,
    }));

    const request = { limit: 10, type: 'connection.advice' as const, connectionId: connection.id };
    const { items } = await store.events.list(request);
    assert.deepEqual(
      items.map(({ cause, after: told }) => [cause, told]),
      [['scope_wider', advice[0]]],
    );
  });

  it('of another place frees the connection for the next check', async () => {
    const [connection] = (await connected(10)) as [Connection];
    assert.equal((await store.checkSchedule.takeDue(10)).length, 1);

    await save({ ...connection, prefix: 'other/' });

    assert.deepEqual(idsOf(await store.checkSchedule.takeDue(10)), [connection.id]);
    await store.checkSchedule.giveBack(connection.id, 3600);
  });
});
