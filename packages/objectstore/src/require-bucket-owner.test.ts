import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { createS3Client } from './s3-client.ts';
import { withScriptedStore } from './testing/scripted-store.ts';

const options = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'AKIASCRIPTED', secretAccessKey: 'not-a-secret' },
  expectedBucketOwner: '222222222222',
};

describe('requireBucketOwner()', () => {
  it('names the owner in every request that a store makes', () =>
    withScriptedStore(
      () => undefined,
      async ({ store, server }) => {
        const key = 'k';
        const token = 't';
        const contentType = 'text/plain';
        const uploadId = await store.createMultipartUpload({ key, contentType, token });
        const body = Buffer.from('x');
        const part = await store.uploadPart({ key, uploadId, partNumber: 1, body });
        await store.completeMultipartUpload({ key, uploadId, parts: [part], token });
        await store.abortMultipartUpload({ key, uploadId });
        await store.putObject({ key, body, contentType, token });
        await store.deleteObject(key);
        await store.headObject(key);
        (await store.getObject(key)).resume();
        for await (const _ of store.listObjects('')) assert.fail('nothing is stored');
        assert.deepEqual(await store.listUploads(''), []);

        assert.deepEqual(new Set(server.operations()), commandsInThisPackage());
        for (const request of server.requests) {
          const owner = request.headers['x-amz-expected-bucket-owner'];
          assert.equal(owner, '222222222222', request.operation);
          assert.match(request.path, /^\/acme-data(\/|$)/, 'path style');
        }
      },
    ));

  it('fails before sending a command that cannot name an owner', async () => {
    const client = createS3Client({ ...options, endpoint: 'http://127.0.0.1:1' });

    await assert.rejects(
      client.send(new ListBucketsCommand({})),
      /Cannot send ListBucketsCommand: it does not name the bucket's owner/,
    );
    client.destroy();
  });

  it('refuses to expect anything but an account', () => {
    assert.throws(
      () => createS3Client({ ...options, expectedBucketOwner: '' }),
      /it is not an account of 12 digits/,
    );
  });
});

/** Every S3 command that the sources construct, so that one added later cannot go unseen. */
function commandsInThisPackage(): Set<string> {
  const found = new Set<string>();
  for (const file of readdirSync(import.meta.dirname)) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const source = readFileSync(`${import.meta.dirname}/${file}`, 'utf8');
    if (!source.includes("'@aws-sdk/client-s3'")) continue;
    for (const [, name] of source.matchAll(/new (\w+)Command\(/g)) found.add(name ?? '');
  }
  return found;
}
