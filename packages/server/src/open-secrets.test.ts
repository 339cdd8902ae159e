import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { newKeyLine, type SealedSecret, Secret, type SecretStore } from '@causeway/connections';
import { CausewayError } from '@causeway/contract';
import { openSecrets, ownKeyFile } from './open-secrets.ts';

const place = { customerId: null, connectionId: null, field: 'test' };
const kms = { credentials: { accessKeyId: 'AKIA', secretAccessKey: 'none' } };

let dataDir = '';
let rows: SealedSecret[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'causeway-secrets-'));
  rows = [];
});
afterEach(() => rm(dataDir, { recursive: true }));

/** As much of a store as one secret needs. */
const store: SecretStore = {
  save: async (secret) => {
    rows = [secret];
  },
  find: async () => rows[0] ?? null,
  remove: async () => {
    rows = [];
  },
  countByKey: async () => rows.map(({ keyId }) => ({ keyId, secrets: 1 })),
  some: async (key) =>
    rows.filter(({ keyId }) => ('is' in key ? keyId === key.is : keyId !== key.not)),
  rewrap: async (before, after) => {
    rows = [{ ...before, ...after }];
    return true;
  },
};

function open(keyFile: string | null = null) {
  return openSecrets({
    configuration: { dataDir, secrets: { keyFile, kmsKey: null } },
    kms,
    store,
  });
}

const refusal = (expected: RegExp) => (error: unknown) =>
  CausewayError.is(error, 'configuration_invalid') && expected.test(error.message);

describe('openSecrets()', () => {
  it('makes a key once, for its owner alone, and opens with it what it sealed', async () => {
    const [first] = await Promise.all(Array.from({ length: 6 }, () => open()));
    assert.ok(first);
    await store.save(await first.seal(place, new Secret('kept')));

    assert.equal((await (await open()).read(place))?.reveal(), 'kept');
    assert.equal((await stat(ownKeyFile(dataDir))).mode & 0o777, 0o600);
  });

  it('takes a key that was added to the file while it runs', async () => {
    const vault = await open();
    await store.save(await vault.seal(place, new Secret('kept')));
    const file = ownKeyFile(dataDir);
    await writeFile(file, (await readFile(file, 'utf8')) + newKeyLine('k2'));

    const { rewrapped, remaining, keys } = await vault.rotate(100);

    assert.deepEqual({ rewrapped, remaining }, { rewrapped: 1, remaining: 0 });
    assert.deepEqual(keys, [{ keyId: 'k2', secrets: 1, newest: true }]);
    assert.equal((await vault.read(place))?.reveal(), 'kept');
  });

  it('does not start when the key of a stored secret is gone, and says which', async () => {
    const vault = await open();
    await store.save(await vault.seal(place, new Secret('lost')));
    await rm(ownKeyFile(dataDir));

    await assert.rejects(open(), refusal(/key "k-[0-9a-z]{8}" is missing, and 1 secrets/));
  });

  it('never makes a key file that was to be shared', async () => {
    const file = join(dataDir, 'shared.keys');

    await assert.rejects(
      open(file),
      refusal(/CAUSEWAY_SECRETS_KEY_FILE ".*" cannot be used: ENOENT/),
    );
    await writeFile(file, 'k1:my secret key\n');
    await assert.rejects(
      open(file),
      (error: Error) => /line 1 is not/.test(error.message) && !/my secret/.test(error.message),
    );
  });

  it('says that a key of KMS needs AWS credentials where there are none', async () => {
    const kmsKey = 'arn:aws:kms:us-east-1:111111111111:key/1234abcd';
    const credentials = () => Promise.reject(new CausewayError('operator_account_missing', {}));

    await assert.rejects(
      openSecrets({
        configuration: { dataDir, secrets: { keyFile: null, kmsKey } },
        kms: { credentials },
        store,
      }),
      refusal(/CAUSEWAY_SECRETS_KMS_KEY ".*" cannot be used: there are no AWS credentials/),
    );
  });
});
