import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CausewayError,
  type CheckReport,
  Connection,
  newId,
  randomDigits,
} from '@causeway/contract';
import type { Store } from './open-store.ts';
import { isWellFormedApiKey } from './secrets/api-keys.ts';
import {
  sampleConnection,
  sampleConnections,
  sampleCustomer,
  sampleDataset,
  sampleDelivery,
  sampleScene,
} from './testing/samples.ts';
import { shareTestDatabase } from './testing/test-database.ts';

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

function code(expected: string) {
  return (error: unknown) => CausewayError.is(error) && error.code === expected;
}

describe('apiKeys', () => {
  it('authenticates a key that it made, and nothing near it', async () => {
    const { id, key } = await store.apiKeys.create({ name: 'first' });

    assert.match(key, /^cwk_[0-9A-Za-z]{49}$/);
    assert.deepEqual(await store.apiKeys.authenticate(key), { id, name: 'first' });
    const last = key.endsWith('0') ? '1' : '0';
    assert.equal(await store.apiKeys.authenticate(`${key.slice(0, -1)}${last}`), null);
    assert.equal(await store.apiKeys.authenticate('cwk_'), null);
  });

  it('tells a typing error from an unknown key without asking the database', async () => {
    const { key } = await store.apiKeys.create({ name: 'second' });
    const swapped = key.replace(/^cwk_(.)(.)/, 'cwk_$2$1');

    assert.equal(isWellFormedApiKey(key), true);
    assert.equal(isWellFormedApiKey(swapped), swapped === key);
    assert.equal(isWellFormedApiKey(`${key}\n`), false);
  });

  it('keeps no key in the database', async () => {
    const { key } = await store.apiKeys.create({ name: 'third' });

    const rows = await database.query(databaseUrl, 'select * from causeway.api_keys');

    assert.ok(!JSON.stringify(rows).includes(key.slice(8, -4)));
    const listed = await store.apiKeys.list();
    assert.equal(listed.length, await store.apiKeys.count());
    assert.equal(listed[0]?.lastFour, key.slice(-4));
  });
});

describe('customers', () => {
  it('refuses a reference that is taken, and says by whom', async () => {
    const customer = await sampleCustomer(store, 'JFK');

    await assert.rejects(sampleCustomer(store, 'JFK'), (error) => {
      assert.ok(CausewayError.is(error, 'conflict'));
      assert.equal(error.details.existingId, customer.id);
      return true;
    });
  });

  it('lets one of two win that take a reference at the same moment', async () => {
    const made = await Promise.allSettled(
      [store, other, store, other].map((each) => sampleCustomer(each, 'LAX')),
    );

    assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  it('returns a customer as it was created, and says when there is none', async () => {
    const properties = { zone: 'z', airline: 'a' };
    const made = await store.customers.create({ name: 'Acme', reference: 'ACME', properties });

    assert.deepEqual(await store.customers.get(made.id), made);
    assert.deepEqual(Object.keys(made.properties), ['zone', 'airline']);
    await assert.rejects(store.customers.get('cus_none'), code('not_found'));
  });

  it('lists newest first, page by page, each customer once', async () => {
    for (let i = 0; i < 5; i++) await sampleCustomer(store, `page-${i}`);

    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.customers.list({ limit: 2, cursor });
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);

    assert.deepEqual(ids, [...new Set(ids)].sort().reverse());
    assert.deepEqual(
      (await store.customers.list({ limit: 500 })).items.map(({ id }) => id),
      ids,
    );
  });

  it('undoes of an import what a line has done that fails, and only that', async () => {
    const { reference } = await sampleCustomer(store);
    const lines = [
      { reference: `${reference}-a`, name: 'A', properties: {} },
      { reference, name: 'Renamed', properties: { plan: 'gold' } },
      new CausewayError('csv_not_readable', { line: 4, reason: 'it is none' }),
      { reference: `${reference}-b`, properties: {} },
      { reference: `${reference}-c`, name: 'C', properties: {} },
    ];

    const dry = await store.customers.import(lines, { dryRun: true });
    const kept = (await store.customers.list({ limit: 500 })).items.map((each) => each.reference);
    const real = await store.customers.import(lines, { dryRun: false });

    const expected = ['created', 'updated', 'refused', 'refused', 'created'];
    assert.deepEqual(
      [dry, real].map((each) => each.map(({ outcome }) => outcome)),
      [expected, expected],
    );
    assert.ok(!kept.includes(`${reference}-a`));
    const { items } = await store.customers.list({ limit: 500 });
    assert.deepEqual(
      items
        .map((each) => each.reference)
        .filter((each) => each.startsWith(`${reference}-`))
        .sort(),
      [`${reference}-a`, `${reference}-c`],
    );
  });

  it('ends an import as a whole when the database fails, with nothing kept', async () => {
    const { reference } = await sampleCustomer(store);
    const line = { reference: `${reference}-x`, name: 'X', properties: {} };
    // What no check lets through: PostgreSQL has no such text.
    const impossible = { reference: `${reference}-y`, name: 'Y\u0000', properties: {} };

    await assert.rejects(store.customers.import([line, impossible], { dryRun: false }));

    const { items } = await store.customers.list({ limit: 500 });
    assert.ok(!items.some((each) => each.reference === line.reference));
  });

  it('refuses a cursor of another list', async () => {
    const cursor = newId('run');

    await assert.rejects(store.customers.list({ limit: 2, cursor }), code('invalid_request'));
  });
});

describe('connections', () => {
  it('returns a connection as it was inserted, the first as the default', async () => {
    const { id } = await sampleCustomer(store);
    const first = { ...sampleConnection(id), isDefault: true };
    // Ids of the same millisecond have no order.
    const second = sampleConnection(id, { id: newId('connection', Date.now() + 1) });

    await store.connections.insert(first);
    await store.connections.insert(second);

    assert.deepEqual(await store.connections.get(first.id), first);
    const listed = await store.connections.list({ limit: 10, customerId: id });
    assert.deepEqual(listed, { items: [second, first], nextCursor: null });
  });

  for (const connection of Object.values(sampleConnections)) {
    it(`keeps all that a connection by ${connection('').access} has`, async () => {
      const { id } = await sampleCustomer(store);
      const inserted = { ...connection(id), isDefault: true };

      await store.connections.insert(inserted);

      const kept = await store.connections.get(inserted.id);
      assert.deepEqual(kept, inserted);
      assert.deepEqual(Connection.parse(kept), inserted);
    });
  }

  it('moves the default from one connection to another', async () => {
    const { id } = await sampleCustomer(store);
    const first = await store.connections.insert(sampleConnection(id));
    const second = await store.connections.insert(sampleConnection(id));

    await store.connections.update(second.id, (found) => ({ ...found, isDefault: true }));

    assert.equal((await store.connections.get(first.id)).isDefault, false);
    assert.equal((await store.connections.get(second.id)).isDefault, true);
  });

  it('moves a connection only to a place that is free', async () => {
    const { id } = await sampleCustomer(store);
    const taken = await store.connections.insert(sampleConnection(id));
    const moving = await store.connections.insert(sampleConnection(id, { prefix: 'a/' }));
    const move = (prefix: string) =>
      store.connections.update(moving.id, (found) => ({ ...found, bucket: taken.bucket, prefix }));

    await assert.rejects(move(taken.prefix), code('location_overlaps'));
    assert.equal((await move('elsewhere/')).bucket, taken.bucket);
    assert.equal((await move('elsewhere/b/')).prefix, 'elsewhere/b/');
  });

  it('changes nothing when the change is refused, and no connection that does not exist', async () => {
    const { id } = await sampleCustomer(store);
    const connection = await store.connections.insert(sampleConnection(id));
    const refuse = () => {
      throw new CausewayError('account_not_allowed', { accountId: '111111111111' });
    };

    await assert.rejects(
      store.connections.update(connection.id, refuse),
      code('account_not_allowed'),
    );
    assert.deepEqual(await store.connections.get(connection.id), connection);
    await assert.rejects(
      store.connections.update('conn_none', (found) => found),
      code('not_found'),
    );
  });

  const overlaps = [
    ['the same prefix', 'a/b/', 'a/b/', true],
    ['a prefix within', 'a/b/', 'a/b/c/', true],
    ['a prefix around', 'a/b/', 'a/', true],
    ['the whole bucket', 'a/b/', '', true],
    ['a neighbour', 'a/b/', 'a/bc/', false],
    ['a wildcard of LIKE, which is an ordinary character', 'a/b_c/', 'a/bxc/', false],
  ] as const;
  for (const [what, first, second, refused] of overlaps) {
    it(`${refused ? 'refuses' : 'accepts'} ${what} in the bucket of another connection`, async () => {
      const { id } = await sampleCustomer(store);
      const existing = sampleConnection(id, { prefix: first });
      const { bucket } = existing;
      await store.connections.insert(existing);

      const insert = store.connections.insert(sampleConnection(id, { bucket, prefix: second }));

      if (refused) await assert.rejects(insert, code('location_overlaps'));
      else await insert;
    });
  }

  it('lets one of many win that claim overlapping locations at the same moment', async () => {
    const { id } = await sampleCustomer(store);
    const bucket = 'contested';

    const inserts = await Promise.allSettled(
      ['x/', 'x/y/', '', 'x/', 'x/y/z/', 'x/'].map((prefix, i) =>
        (i % 2 ? store : other).connections.insert(sampleConnection(id, { bucket, prefix })),
      ),
    );

    assert.equal(inserts.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const insert of inserts) {
      if (insert.status === 'rejected') assert.ok(code('location_overlaps')(insert.reason));
    }
  });

  it('refuses the role of another customer, and accepts it again for its own', async () => {
    const [mine, theirs] = [await sampleCustomer(store), await sampleCustomer(store)];
    const own = sampleConnection(mine.id);
    const { roleArn } = own;
    await store.connections.insert(own);

    const foreign = store.connections.insert(sampleConnection(theirs.id, { roleArn }));

    await assert.rejects(foreign, code('not_verifiable'));
    await store.connections.insert(sampleConnection(mine.id, { roleArn }));
  });

  it('refuses a customer that does not exist', async () => {
    const insert = store.connections.insert(sampleConnection('cus_none'));

    await assert.rejects(insert, code('not_found'));
  });

  it('keeps the newest check, with its documents as they were written', async () => {
    const { id: customerId } = await sampleCustomer(store);
    const connection = await store.connections.insert(sampleConnection(customerId));
    const { id } = connection;
    const policy = { Version: '2012-10-17', Statement: [{ Sid: 'x', Effect: 'Allow' }] };
    const report = (checkedAt: string): CheckReport => ({
      connectionId: id,
      outcome: 'failing',
      checkedAt,
      durationMs: 12.5,
      steps: [
        {
          id: 'role.assume',
          title: 'Assume the role',
          verdict: 'failed',
          message: 'refused',
          fix: { document: 'trustPolicy', text: 'Replace the trust policy', policy },
          durationMs: 1,
        },
      ],
    });
    const newest = report('2024-01-01T00:00:02.000Z');

    const save = (checked: Connection, given: CheckReport, status: 'active' | 'failing') =>
      store.connections.saveCheck(checked, given, () => ({ status, nextCheckInSeconds: 60 }));

    await save(connection, { ...newest, region: 'eu-west-1' }, 'failing');
    const late = await save(connection, report('2024-01-01T00:00:01.000Z'), 'active');

    assert.equal(late.status, 'failing');
    assert.equal(late.region, 'eu-west-1');
    assert.equal(late.lastCheck?.checkedAt, newest.checkedAt);
    const again = await save(connection, newest, 'active');
    assert.deepEqual([again.status, again.region], ['active', 'eu-west-1']);
    assert.equal(JSON.stringify(again.lastCheck), JSON.stringify(newest));
    const missing = save({ ...connection, id: 'conn_none' }, newest, 'active');
    await assert.rejects(missing, code('not_found'));
  });

  it('keeps no check of a place that the connection has left meanwhile', async () => {
    const { id: customerId } = await sampleCustomer(store);
    const checked = await store.connections.insert(sampleConnection(customerId));
    const report: CheckReport = {
      connectionId: checked.id,
      outcome: 'healthy',
      checkedAt: new Date().toISOString(),
      durationMs: 1,
      steps: [],
    };

    await store.connections.update(checked.id, (connection) => ({
      ...connection,
      prefix: 'elsewhere/',
      status: 'draft',
    }));
    const kept = await store.connections.saveCheck(checked, report, () => ({
      status: 'active',
      nextCheckInSeconds: 60,
    }));

    assert.deepEqual([kept.status, kept.lastCheck], ['draft', null]);
  });
});

describe('datasets', () => {
  it('returns a dataset as it was inserted, and refuses its name to another', async () => {
    const dataset = sampleDataset();

    await store.datasets.insert(dataset);

    assert.deepEqual(await store.datasets.get(dataset.id), dataset);
    const again = store.datasets.insert(sampleDataset({ name: dataset.name }));
    await assert.rejects(again, code('conflict'));
    await assert.rejects(store.datasets.get('ds_none'), code('not_found'));
    assert.deepEqual((await store.datasets.list({ limit: 1 })).items, [dataset]);
  });
});

describe('deliveries', () => {
  it('returns a delivery with its customers in their order', async () => {
    const dataset = await store.datasets.insert(sampleDataset());
    const [a, b] = [await sampleCustomer(store), await sampleCustomer(store)];
    const delivery = sampleDelivery(dataset.id, [b.id, a.id]);

    const inserted = await store.deliveries.insert(delivery);

    assert.deepEqual(inserted, delivery);
    assert.deepEqual(await store.deliveries.get(delivery.id), delivery);
    assert.deepEqual((await store.deliveries.list({ limit: 1 })).items, [delivery]);
  });

  it('says whether one of some customers has a connection that is active', async () => {
    const { connections, customers } = await sampleScene(store, 2);
    await sampleScene(store);
    const ids = customers.map(({ id }) => id);
    const become = (status: 'active' | 'draft') =>
      Promise.all(
        connections.map(({ id }) =>
          store.connections.update(id, (found) => ({ ...found, status }) as Connection),
        ),
      );

    await become('draft');
    assert.equal(await store.connections.anyActiveOf(ids), false);
    await become('active');
    assert.equal(await store.connections.anyActiveOf(ids), true);
  });

  it('goes to the customers that a rule fits and that can be delivered to', async () => {
    const customer = async (properties: Record<string, string>, status?: 'draft' | 'active') => {
      const input = { name: 'C', reference: randomDigits(10), properties };
      const { id } = await store.customers.create(input);
      if (status) await store.connections.insert(sampleConnection(id, { status }));
      return id;
    };
    const tag = randomDigits(8);
    const gold = await customer({ tag, plan: 'gold', region: 'eu' }, 'active');
    const silver = await customer({ tag, plan: 'silver', region: 'eu' }, 'active');
    await customer({ tag, plan: 'gold', region: 'eu' }, 'draft');
    await customer({ tag, plan: 'gold', region: 'eu' });
    const fits = (match: 'all' | 'any', properties: Record<string, string>) =>
      store.deliveries.customersOf({ customerIds: [], customerRule: { match, properties } });

    assert.deepEqual(await fits('all', { tag, region: 'eu' }), [gold, silver]);
    assert.deepEqual(await fits('all', { tag, plan: 'gold' }), [gold]);
    assert.deepEqual(await fits('all', { tag, plan: 'Gold' }), []);
    assert.deepEqual(await fits('any', { tag, plan: 'none' }), [gold, silver]);
    assert.deepEqual(await fits('any', { nothing: tag }), []);
    const all = await fits('all', {});
    assert.ok(all.includes(gold) && all.includes(silver));
  });

  it('leaves nothing behind when a customer does not exist', async () => {
    const dataset = await store.datasets.insert(sampleDataset());
    const { id } = await sampleCustomer(store);
    const delivery = sampleDelivery(dataset.id, [id, 'cus_none', 'cus_nobody']);

    await assert.rejects(store.deliveries.insert(delivery), (error) => {
      assert.ok(CausewayError.is(error, 'not_found'));
      assert.deepEqual(error.details, { kind: 'customer', id: 'cus_none' });
      return true;
    });

    await assert.rejects(store.deliveries.get(delivery.id), code('not_found'));
  });

  it('refuses a dataset that does not exist, and a customer named twice', async () => {
    const dataset = await store.datasets.insert(sampleDataset());
    const { id } = await sampleCustomer(store);

    const unknown = sampleDelivery('ds_none', [id]);
    const twice = sampleDelivery(dataset.id, [id, id]);

    await assert.rejects(store.deliveries.insert(unknown), code('not_found'));
    await assert.rejects(store.deliveries.insert(twice), code('invalid_request'));
  });

  it('takes ten thousand customers', async () => {
    const dataset = await store.datasets.insert(sampleDataset());
    const rows = await database.query(
      databaseUrl,
      `insert into causeway.customers (id, name, reference, properties, created_at)
       select 'cus_many' || n, 'Many', 'many ' || n, '{}', now() from generate_series(1, 10000) n
       returning id`,
    );
    const ids = rows.map(({ id }) => String(id));

    const delivery = await store.deliveries.insert(sampleDelivery(dataset.id, ids));

    assert.deepEqual(delivery.customerIds, ids);
  });
});

describe('idempotency', () => {
  const request = { bodyHash: 'hash', apiKeyId: 'key_1' };

  it('does the work once for many requests at the same moment', async () => {
    let calls = 0;
    const work = (each: Store) =>
      each.idempotency.once({ ...request, key: 'race' }, (records) => {
        calls++;
        return sampleCustomer(records, 'once');
      });

    const answers = await Promise.all([store, other, store, other].map(work));

    assert.equal(calls, 1);
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
  });

  it('refuses a key that comes with another body, and keeps API keys apart', async () => {
    await store.idempotency.once({ ...request, key: 'k' }, async () => 'first');

    await assert.rejects(
      store.idempotency.once({ ...request, key: 'k', bodyHash: 'other' }, async () => 'second'),
      code('idempotency_key_reused'),
    );
    const elsewhere = await store.idempotency.once(
      { ...request, key: 'k', apiKeyId: 'key_2' },
      async () => 'third',
    );

    assert.equal(elsewhere, 'third');
  });

  it('keeps nothing of work that fails, so that it may be repeated', async () => {
    const key = 'fails';
    const failing = store.idempotency.once({ ...request, key }, async (records) => {
      await sampleCustomer(records, 'half-made');
      throw new Error('refused');
    });

    await assert.rejects(failing, /refused/);
    const again = await store.idempotency.once({ ...request, key }, (records) =>
      sampleCustomer(records, 'half-made'),
    );

    assert.equal(again.reference, 'half-made');
  });
});
