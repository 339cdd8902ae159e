import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CausewayError } from '@causeway/contract';
import { rootCredentials, type Sandbox, startSandbox } from '@causeway/sandbox';
import { openSecret, rewrapSecret, sealSecret } from './envelope.ts';
import { newKeyLine, parseKeyFile } from './file-key.ts';
import { openKeyRing } from './key-ring.ts';
import { findKmsKey, type KmsAccess, kmsKey } from './kms-key.ts';
import { Secret } from './secret.ts';

const place = { customerId: 'cus_1', connectionId: 'conn_1', field: 'access_key/ak_1' };
const fileKeys = parseKeyFile(newKeyLine('k1'));

let sandbox: Sandbox;
let client: KMSClient;
let access: KmsAccess;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  access = { endpoint: sandbox.url, credentials: rootCredentials('111111111111') };
  client = new KMSClient({ ...access, region: 'us-east-1' });
});
after(async () => {
  client.destroy();
  await sandbox.close();
});

async function newKeyArn(): Promise<string> {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
  return KeyMetadata?.Arn ?? '';
}

function ringOf(arn: string) {
  return openKeyRing({
    readKeys: async () => fileKeys,
    managedKey: kmsKey(arn, access),
    findManaged: (keyId) => findKmsKey(keyId, access),
  });
}

describe('kmsKey()', () => {
  it('seals and opens, with what the secret belongs to as encryption context', async () => {
    const arn = await newKeyArn();
    const ring = await ringOf(arn);
    const sealed = await sealSecret(ring, place, new Secret('kept'));

    assert.equal(sealed.keyId, `kms:${arn}`);
    assert.equal((await openSecret(ring, sealed)).reveal(), 'kept');
    for (const change of [{ customerId: 'cus_2' }, { customerId: null }, { version: 'sec_2' }]) {
      await assert.rejects(openSecret(ring, { ...sealed, ...change }), (error) =>
        CausewayError.is(error, 'secret_not_readable'),
      );
    }
  });

  it('opens what an earlier key of KMS or of the file sealed, and takes it over', async () => {
    const inFile = await openKeyRing({ readKeys: async () => fileKeys });
    const earlier = await ringOf(await newKeyArn());
    const ring = await ringOf(await newKeyArn());
    for (const before of [inFile, earlier]) {
      const sealed = await sealSecret(before, place, new Secret('kept'));
      const wrapped = await rewrapSecret(ring, sealed);

      assert.equal(wrapped.keyId, (await ring.newest()).id);
      assert.equal((await openSecret(ring, { ...sealed, ...wrapped })).reveal(), 'kept');
    }
  });

  it("names KMS's own reason when the key cannot be used", async () => {
    const arn = await newKeyArn();
    const ring = await ringOf(arn);
    const sealed = await sealSecret(ring, place, new Secret('kept'));
    await client.send(new DisableKeyCommand({ KeyId: arn }));

    await assert.rejects(
      openSecret(ring, sealed),
      (error) =>
        CausewayError.is(error, 'store_refused') && /DisabledException/.test(error.message),
    );
  });

  it('takes nothing for a key but the ARN of one', () => {
    assert.throws(() => kmsKey('alias/causeway', access), /not the ARN of a KMS key/);
    assert.equal(findKmsKey('k1', access), null);
    assert.equal(findKmsKey('kms:https://elsewhere.example', access), null);
  });
});
