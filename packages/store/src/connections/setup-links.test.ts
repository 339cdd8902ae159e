import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
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

async function newLink() {
  const { id } = await sampleCustomer(store);
  const terms = { expectedAccountId: null, expiresInDays: 7 };
  return store.setupLinks.create({ insert: sampleConnection(id) }, terms);
}

const notUsable = (found: string) => (error: unknown) =>
  CausewayError.is(error, 'setup_link_not_usable') && error.details.found === found;

describe('setupLinks', () => {
  it('keep of links and sessions no more than hashes', async () => {
    const { link, token } = await newLink();
    const session = await store.setupLinks.open(token);

    const rows = await Promise.all(
      ['setup_links', 'connect_sessions', 'events'].map((table) =>
        database.query(databaseUrl, `select t::text as line from causeway.${table} t`),
      ),
    );

    const dump = JSON.stringify(rows);
    assert.ok(dump.includes(link.id));
    for (const secret of [token, session.token]) {
      assert.ok(!dump.includes(secret.slice(4)));
      assert.ok(!dump.includes(Buffer.from(secret).toString('hex')));
    }
  });

  it('end with their sessions when their time is over', async () => {
    const { link, token } = await newLink();
    const session = await store.setupLinks.open(token);

    await database.query(
      databaseUrl,
      `update causeway.setup_links set expires_at = now() - interval '1 second' where id = $1`,
      [link.id],
    );

    assert.equal(await store.setupLinks.resume(session.token), null);
    await assert.rejects(store.setupLinks.open(token), notUsable('expired'));
    const { items } = await store.setupLinks.list({ limit: 1, connectionId: link.connectionId });
    assert.equal(items[0]?.status, 'expired');
  });

  it('let a session go on for an hour after each use, and never beyond the link', async () => {
    const { link, token } = await newLink();
    const session = await store.setupLinks.open(token);
    const endIn = (table: string, minutes: number) =>
      database.query(
        databaseUrl,
        `update causeway.${table} set expires_at = now() + make_interval(mins => $1)`,
        [minutes],
      );
    const minutesLeft = async () => {
      const resumed = await store.setupLinks.resume(session.token);
      return resumed && Math.round((Date.parse(resumed.expiresAt) - Date.now()) / 60_000);
    };

    await endIn('connect_sessions', 1);
    assert.equal(await minutesLeft(), 60);
    await endIn('setup_links', 30);
    assert.equal(await minutesLeft(), 30);
    await endIn('connect_sessions', -1);
    assert.equal(await minutesLeft(), null);

    assert.equal((await store.setupLinks.open(token)).connectionId, link.connectionId);
    const left = await database.query(databaseUrl, 'select * from causeway.connect_sessions');
    assert.equal(left.length, 1, 'sessions that ended are cleared away');
  });

  it('tell a token that was never given from one that is not complete', async () => {
    const { token } = await newLink();
    const { token: session } = await store.setupLinks.open(token);

    await assert.rejects(store.setupLinks.open(token.slice(0, -1)), notUsable('malformed'));
    await assert.rejects(store.setupLinks.open(session), notUsable('malformed'));
    assert.equal(await store.setupLinks.resume(token), null);
    await database.query(databaseUrl, 'delete from causeway.setup_links');
    await assert.rejects(store.setupLinks.open(token), notUsable('unknown'));
  });

  it('come with their connection or not at all', async () => {
    const terms = { expectedAccountId: null, expiresInDays: 7 };
    const orphan = sampleConnection('cus_none');

    await assert.rejects(store.setupLinks.create({ insert: orphan }, terms));
    const { id } = await sampleCustomer(store);
    const connection = await store.connections.insert(sampleConnection(id));
    const subject = {
      id: connection.id,
      change: () => {
        throw new Error('no');
      },
    };
    await assert.rejects(store.setupLinks.create(subject, terms), /no/);

    const { items } = await store.setupLinks.list({ limit: 5, connectionId: connection.id });
    assert.deepEqual(items, []);
  });
});
