import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import { sql } from 'kysely';
import { connect } from './database.ts';
import { openStore } from './open-store.ts';
import { shareTestDatabase } from './testing/test-database.ts';

describe('openStore()', () => {
  const database = shareTestDatabase();
  after(() => database.stop());

  it('makes its tables once when several processes start at the same moment', async () => {
    const databaseUrl = await database.createEmpty();

    const stores = await Promise.all([1, 2, 3].map(() => openStore({ databaseUrl })));

    const counts = await Promise.all(stores.map((store) => store.apiKeys.count()));
    assert.deepEqual(counts, [0, 0, 0]);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('refuses a database that a newer Causeway has migrated', async () => {
    const databaseUrl = await database.create();
    await database.query(
      databaseUrl,
      `insert into causeway.migrations (name, timestamp) values ('9999-from-tomorrow', '')`,
    );

    await assert.rejects(openStore({ databaseUrl }), (error) => {
      assert.ok(CausewayError.is(error, 'database_incompatible'));
      assert.match(error.message, /"9999-from-tomorrow", which this version does not know/);
      return true;
    });
  });

  it('outlives its connections: what was under way fails, what follows works', async () => {
    const databaseUrl = await database.create();
    const store = await openStore({ databaseUrl });
    const { id: apiKeyId } = await store.apiKeys.create({ name: 'test' });
    const request = { key: 'k', bodyHash: 'h', apiKeyId };

    const underWay = store.idempotency.once(request, async () => {
      await database.query(
        databaseUrl,
        // With a time to wait it answers when they are gone, which is told to the store before.
        `select pg_terminate_backend(pid, 60000) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`,
      );
      // The loss is noticed while nobody is asking anything.
      await new Promise((resolve) => setTimeout(resolve, 200));
      return 'never stored';
    });

    await assert.rejects(underWay);
    assert.equal(await store.apiKeys.count(), 1);
    await store.close();
  });

  it('says which server it cannot reach, and never the password', async () => {
    const databaseUrl = 'postgres://someone:secret-word@127.0.0.1:1/somewhere';

    await assert.rejects(openStore({ databaseUrl }), (error) => {
      assert.ok(CausewayError.is(error, 'database_unreachable'));
      assert.match(error.message, /"127\.0\.0\.1:1\/somewhere".*ECONNREFUSED/);
      assert.doesNotMatch(`${error.message} ${error.hint}`, /secret-word|someone/);
      return true;
    });
  });

  it('says that a password is wrong', async () => {
    const databaseUrl = (await database.create()).replace(/:[^:@]+@/, ':not-the-password@');

    await assert.rejects(openStore({ databaseUrl }), (error) => {
      assert.ok(CausewayError.is(error, 'database_unreachable'));
      assert.match(error.message, /password authentication failed/);
      return true;
    });
  });

  it('reads numbers as numbers, and throws rather than round one', async () => {
    const db = connect(await database.create());
    const select = (text: string) => sql<{ n: number }>`select ${sql.lit(text)}::int8 as n`;

    assert.deepEqual((await select('9007199254740991').execute(db)).rows, [{ n: 2 ** 53 - 1 }]);

    await assert.rejects(select('9007199254740993').execute(db), /9007199254740993/);
    await db.destroy();
  });

  it('may be closed twice', async () => {
    const store = await openStore({ databaseUrl: await database.create() });

    await store.ping();
    await store.close();
    await store.close();

    await assert.rejects(store.ping());
  });
});
