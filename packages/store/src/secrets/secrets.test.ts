import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  findKeyTroubles,
  newKeyLine,
  openKeyRing,
  openSecret,
  parseKeyFile,
  Secret,
  sealSecret,
  secretVault,
} from '@causeway/connections';
import { openStore, type Store } from '../open-store.ts';
import { sampleConnection, sampleCustomer } from '../testing/samples.ts';
import { shareTestDatabase } from '../testing/test-database.ts';

const [one, two] = [newKeyLine('k1'), newKeyLine('k2')];
const ringOf = (...lines: string[]) =>
  openKeyRing({ readKeys: async () => parseKeyFile(lines.join('')) });

const database = shareTestDatabase();
let url = '';
let store: Store;
after(() => database.stop());

async function withStore(use: () => Promise<void>): Promise<void> {
  url = await database.create();
  store = await openStore({ databaseUrl: url });
  try {
    await use();
  } finally {
    await store.close();
  }
}

async function placeOf(field = 'access_key/ak_1') {
  const customer = await sampleCustomer(store);
  const { id } = await store.connections.insert(sampleConnection(customer.id));
  return { customerId: customer.id, connectionId: id, field };
}

async function saved(count: number, ring: Awaited<ReturnType<typeof ringOf>>) {
  const places = await Promise.all(Array.from({ length: count }, () => placeOf()));
  for (const [index, place] of places.entries()) {
    await store.secrets.save(await sealSecret(ring, place, new Secret(`secret ${index}`)));
  }
  return places;
}

describe('secrets()', () => {
  it('keeps one secret at each place, also at those of the operator', () =>
    withStore(async () => {
      const vault = secretVault(await ringOf(one), store.secrets);
      const own = { customerId: null, connectionId: null, field: 'issuer' };
      for (const place of [await placeOf(), own]) {
        await store.secrets.save(await vault.seal(place, new Secret('first')));
        await store.secrets.save(await vault.seal(place, new Secret('second')));
        assert.equal((await vault.read(place))?.reveal(), 'second');

        await store.secrets.remove(place);
        assert.equal(await vault.read(place), null);
      }
      assert.deepEqual(await vault.keys(), [{ keyId: 'k1', secrets: 0, newest: true }]);
    }));

  it('opens nothing that was copied from another row inside the database', () =>
    withStore(async () => {
      const ring = await ringOf(one);
      const [mine, theirs] = await saved(2, ring);
      assert.ok(mine && theirs);
      await database.query(
        url,
        `update causeway.secrets a set ciphertext = b.ciphertext, nonce = b.nonce, wrapped_key = b.wrapped_key
         from causeway.secrets b where a.connection_id = $1 and b.connection_id = $2`,
        [mine.connectionId, theirs.connectionId],
      );

      const vault = secretVault(ring, store.secrets);
      await assert.rejects(vault.read(mine), { code: 'secret_not_readable' });
      assert.equal((await vault.read(theirs))?.reveal(), 'secret 1');
    }));

  it('rotates in batches that go on where the last one ended, while secrets are read and written', () =>
    withStore(async () => {
      const lines = [one];
      const ring = await openKeyRing({ readKeys: async () => parseKeyFile(lines.join('')) });
      const places = await saved(30, ring);
      const vault = secretVault(ring, store.secrets);
      lines.push(two);
      let rotating = true;
      const traffic = (async () => {
        let reads = 0;
        while (rotating) {
          for (const [index, place] of places.entries()) {
            if (index % 5 === 0) {
              await store.secrets.save(await vault.seal(place, new Secret(`secret ${index}`)));
            }
            assert.equal((await vault.read(place))?.reveal(), `secret ${index}`);
            reads += 1;
          }
        }
        return reads;
      })();

      const first = await vault.rotate(4);
      // Another process, which has rotated nothing yet, goes on with the rest.
      const other = secretVault(await ringOf(one, two), store.secrets);
      let last = first;
      while (last.remaining > 0) last = await other.rotate(4);
      rotating = false;

      assert.ok((await traffic) >= 30);
      assert.ok(first.rewrapped <= 4 && first.remaining > 0);
      assert.deepEqual(last.keys, [{ keyId: 'k2', secrets: 30, newest: true }]);
      const afterwards = secretVault(await ringOf(two), store.secrets);
      for (const [index, place] of places.entries()) {
        assert.equal((await afterwards.read(place))?.reveal(), `secret ${index}`);
      }
    }));

  it('leaves alone what was written anew between reading and wrapping', () =>
    withStore(async () => {
      const ring = await ringOf(one);
      const [place] = await saved(1, ring);
      assert.ok(place);
      const before = await store.secrets.find(place);
      assert.ok(before);
      const replaced = await sealSecret(ring, place, new Secret('replaced'));
      await store.secrets.save(replaced);

      assert.equal(await store.secrets.rewrap(before, { ...before, keyId: 'k9' }), false);
      const kept = await store.secrets.find(place);
      assert.ok(kept);
      assert.equal((await openSecret(ring, kept)).reveal(), 'replaced');
    }));
});

describe('findKeyTroubles()', () => {
  it('names keys that are missing or have another value, and how many secrets need them', () =>
    withStore(async () => {
      const ring = await ringOf(one);
      await saved(2, ring);

      assert.deepEqual(await findKeyTroubles(ring, store.secrets), []);
      assert.deepEqual(await findKeyTroubles(await ringOf(two), store.secrets), [
        'key "k1" is missing, and 2 secrets are sealed with it',
      ]);
      assert.deepEqual(await findKeyTroubles(await ringOf(newKeyLine('k1')), store.secrets), [
        'key "k1" has another value than the one that 2 secrets are sealed with',
      ]);
    }));
});
