import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { systemActor } from '@causeway/contract';
import { sql } from 'kysely';
import { connect, type Db, inTransaction } from '../database.ts';
import { openStore } from '../open-store.ts';
import { shareTestDatabase } from '../testing/test-database.ts';
import { eventChain } from './event-chain.ts';
import { recordEvent } from './events.ts';

const database = shareTestDatabase();
after(() => database.stop());

/** A database of its own with so many events that are linked. */
async function withEvents(count: number, work: (db: Db, ids: string[]) => Promise<void>) {
  const databaseUrl = await database.create();
  const store = await openStore({ databaseUrl });
  await store.close();
  const db = connect(databaseUrl);
  try {
    for (let i = 0; i < count; i++) await happen(db, `cus_${i}`);
    await eventChain(db).extend();
    const rows = await db.selectFrom('events').select('id').orderBy('position').execute();
    await work(
      db,
      rows.map(({ id }) => id),
    );
  } finally {
    await db.destroy();
  }
}

const happen = (db: Db, customerId: string) =>
  inTransaction(db, (trx) =>
    recordEvent(trx, {
      type: 'customer.updated',
      actor: systemActor,
      customerId,
      before: { name: 'Acme' },
      after: { name: 'Globex' },
    }),
  );

/** What only somebody can do who may do everything. */
const forge = (db: Db, statement: string) =>
  inTransaction(db, async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx);
    await sql.raw(statement).execute(trx);
  });

const faultsOf = async (db: Db, kept?: { number: number; hash: string }) =>
  (await eventChain(db).verify(kept)).faults.map(({ number, fault }) => `${number} ${fault}`);

describe('the chain of events', () => {
  it('links each event once, however many ask at once', () =>
    withEvents(3, async (db) => {
      const chain = eventChain(db);
      const first = await chain.verify();
      await Promise.all([happen(db, 'cus_a'), happen(db, 'cus_b')]);
      assert.equal((await chain.verify()).waiting, 2);
      await Promise.all([chain.extend(), chain.extend(), chain.extend()]);

      const later = await chain.verify(first.head ?? undefined);

      assert.equal(first.head?.number, 3);
      assert.deepEqual(
        { ...later, head: later.head?.number },
        {
          intact: true,
          head: 5,
          waiting: 0,
          faults: [],
        },
      );
      assert.equal(await chain.extend(), null);
    }));

  it('takes in an event whose transaction ended after later ones were linked', () =>
    withEvents(1, async (db) => {
      await inTransaction(db, async (slow) => {
        await recordEvent(slow, { type: 'customer.updated', actor: systemActor });
        await happen(db, 'cus_quick');
        await eventChain(db).extend();
      });
      assert.equal((await eventChain(db).extend())?.number, 3);

      assert.deepEqual(await faultsOf(db), []);
    }));

  for (const [what, column, value] of [
    ['who did it', 'actor_id', "'key_1'"],
    ['when', 'at', "at + interval '1 second'"],
    ['what was', 'before', `'{"name":"Initech"}'`],
    ['whom it is about', 'customer_id', "'cus_9'"],
  ] as const) {
    it(`shows that somebody has changed ${what}`, () =>
      withEvents(3, async (db, [, second]) => {
        await forge(db, `update causeway.events set ${column} = ${value} where id = '${second}'`);

        assert.deepEqual(await faultsOf(db), ['2 event_changed']);
      }));
  }

  it('shows that an event was taken out, with its link or without', () =>
    withEvents(4, async (db, [first, , third]) => {
      await forge(db, `delete from causeway.events where id = '${first}'`);
      assert.deepEqual(await faultsOf(db), ['1 event_missing']);
      await forge(db, `delete from causeway.events where id = '${third}'`);
      await forge(db, 'delete from causeway.event_links where number = 3');

      assert.deepEqual(await faultsOf(db), ['1 event_missing', '3 link_missing']);
    }));

  it('shows by a head that was kept that the newest are gone, or that all was made anew', () =>
    withEvents(3, async (db, [, , last]) => {
      const kept = (await eventChain(db).verify()).head;
      assert.ok(kept);
      await forge(db, `delete from causeway.events where id = '${last}'`);
      await forge(db, 'delete from causeway.event_links where number = 3');
      assert.deepEqual(await faultsOf(db), []);
      assert.deepEqual(await faultsOf(db, kept), ['3 head_differs']);
      await forge(db, 'delete from causeway.event_links');
      await happen(db, 'cus_forged');
      await eventChain(db).extend();

      assert.deepEqual(await faultsOf(db), []);
      assert.deepEqual(await faultsOf(db, kept), ['3 head_differs']);
    }));

  it('takes no change of a link either', () =>
    withEvents(1, async (db) => {
      await assert.rejects(db.deleteFrom('event_links').execute(), /is only ever added to/);
    }));
});
