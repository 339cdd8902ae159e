import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import { loadSigningKey, rotateSigningKey } from './signing-key.ts';

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'causeway-signing-key-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

describe('loadSigningKey()', () => {
  it('makes the key once, for its owner alone, and finds it again', async () => {
    const made = await loadSigningKey({ dataDir, signingKeyFile: null });
    const found = await loadSigningKey({ dataDir, signingKeyFile: null });

    assert.match(made.publicKeyId, /^[0-9a-f]{16}$/);
    assert.equal(found.publicKeyId, made.publicKeyId);
    const file = await stat(join(dataDir, 'keys', 'manifest-signing.pem'));
    assert.equal(file.mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(dataDir, 'keys')), ['manifest-signing.pem']);
  });

  it('gives the same key to all who ask at the same time', async () => {
    const keys = await Promise.all(
      Array.from({ length: 8 }, () => loadSigningKey({ dataDir, signingKeyFile: null })),
    );

    assert.equal(new Set(keys.map((key) => key.publicKeyId)).size, 1);
    assert.deepEqual(await readdir(join(dataDir, 'keys')), ['manifest-signing.pem']);
  });

  it('never makes a key that was to be shared: a second one would sign what nobody trusts', async () => {
    const signingKeyFile = join(dataDir, 'shared.pem');
    await assert.rejects(loadSigningKey({ dataDir, signingKeyFile }), (error) => {
      assert.ok(CausewayError.is(error, 'configuration_invalid'));
      assert.match(
        error.message,
        /CAUSEWAY_SIGNING_KEY_FILE ".*shared\.pem" cannot be used: ENOENT/,
      );
      return true;
    });
    assert.deepEqual(await readdir(dataDir), []);
  });

  it('takes the key that is named', async () => {
    const own = await loadSigningKey({ dataDir, signingKeyFile: null });
    const signingKeyFile = join(dataDir, 'keys', 'manifest-signing.pem');

    const shared = await loadSigningKey({ dataDir: '/nowhere', signingKeyFile });

    assert.equal(shared.publicKeyId, own.publicKeyId);
  });

  it('refuses a file that is no key, without showing what it holds', async () => {
    const signingKeyFile = join(dataDir, 'shared.pem');
    await writeFile(signingKeyFile, 'canary');

    await assert.rejects(loadSigningKey({ dataDir, signingKeyFile }), (error) => {
      assert.ok(CausewayError.is(error, 'configuration_invalid'));
      assert.match(error.message, /holds no Ed25519 private key/);
      assert.doesNotMatch(error.message, /canary/);
      return true;
    });
    assert.equal(await readFile(signingKeyFile, 'utf8'), 'canary');
  });
});

describe('rotateSigningKey()', () => {
  it('makes a new key sign, and goes on publishing the old one, in a file of its owner alone', async () => {
    const location = { dataDir, signingKeyFile: null };
    const old = await loadSigningKey(location);

    const rotated = await rotateSigningKey(location);

    const found = await loadSigningKey(location);
    assert.equal(found.publicKeyId, rotated.publicKeyId);
    assert.notEqual(found.publicKeyId, old.publicKeyId);
    assert.deepEqual(
      found.publicKeys.keys.map(({ id }) => id),
      [rotated.publicKeyId, old.publicKeyId],
    );
    const file = await stat(join(dataDir, 'keys', 'manifest-signing.pem'));
    assert.equal(file.mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(dataDir, 'keys')), ['manifest-signing.pem']);
  });

  it('leaves a file alone that holds no key', async () => {
    const signingKeyFile = join(dataDir, 'shared.pem');
    await writeFile(signingKeyFile, 'canary');

    await assert.rejects(rotateSigningKey({ dataDir, signingKeyFile }), (error) =>
      CausewayError.is(error, 'configuration_invalid'),
    );
    assert.equal(await readFile(signingKeyFile, 'utf8'), 'canary');
  });
});
