import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Store } from './open-store.ts';
import { shareTestDatabase } from './testing/test-database.ts';

const database = shareTestDatabase();
let one: Store;
let other: Store;
before(async () => {
  const databaseUrl = await database.create();
  one = await database.openStore(databaseUrl);
  other = await database.openStore(databaseUrl);
});
after(() => database.stop());

describe('exclusively()', () => {
  it('refuses a second change of one connection, from any process, until the first has ended', async () => {
    const { promise: goOn, resolve: end } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const first = one.exclusively('conn_1', async () => {
      begin();
      await goOn;
      return 'first';
    });
    await begun;

    for (const store of [one, other]) {
      const second = store.exclusively('conn_1', async () => 'second');
      await assert.rejects(second, { code: 'change_in_progress' });
    }
    assert.equal(await other.exclusively('conn_2', async () => 'apart'), 'apart');

    end();
    assert.equal(await first, 'first');
    assert.equal(await other.exclusively('conn_1', async () => 'third'), 'third');
  });

  it('lets go when the work fails', async () => {
    const broken = one.exclusively('conn_1', () => Promise.reject(new Error('no')));
    await assert.rejects(broken, /no/);

    assert.equal(await other.exclusively('conn_1', async () => 'again'), 'again');
  });

  it('leaves connections to the database for the work of many at once', async () => {
    const ids = Array.from({ length: 25 }, (_, i) => `conn_many_${i}`);
    const work = () => one.customers.list({ limit: 1 });

    const all = await Promise.all(ids.map((id) => one.exclusively(id, work)));

    assert.equal(all.length, ids.length);
  });
});
