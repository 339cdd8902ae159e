import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createS3Client } from './s3-client.ts';

const unsigned = 'UNSIGNED-PAYLOAD';

/** What `client` would send as the hash of the body, without sending it. */
async function payloadHash(endpoint: string, crc32?: string): Promise<string | undefined> {
  const client: S3Client = createS3Client({
    region: 'eu-west-1',
    endpoint,
    credentials: { accessKeyId: 'AKIASCRIPTED', secretAccessKey: 'not-a-secret' },
    expectedBucketOwner: '222222222222',
  });
  let hash: string | undefined;
  client.middlewareStack.add(
    () => (args) => {
      hash = (args.request as { headers: Record<string, string> }).headers['x-amz-content-sha256'];
      throw Object.assign(new Error('not sent'), { name: 'AbortError' });
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  const put = new PutObjectCommand({
    Bucket: 'acme-data',
    Key: 'k',
    Body: Buffer.from('x'),
    ...(crc32 !== undefined && { ChecksumCRC32: crc32 }),
  });
  await client.send(put).catch(() => undefined);
  return hash;
}

describe('sendPayloadUnsigned()', () => {
  it('spares the hash over TLS and within this host, where the CRC-32 suffices', async () => {
    assert.equal(await payloadHash('https://s3.eu-west-1.amazonaws.com', 'jNwWgw=='), unsigned);
    assert.equal(await payloadHash('http://127.0.0.1:4566', 'jNwWgw=='), unsigned);
    assert.equal(await payloadHash('http://[::1]:4566', 'jNwWgw=='), unsigned);
    assert.equal(await payloadHash('http://acme.s3.localhost:4566', 'jNwWgw=='), unsigned);
  });

  it('keeps the hash over plain HTTP to another host', async () => {
    assert.match((await payloadHash('http://192.0.2.1', 'jNwWgw==')) ?? '', /^[0-9a-f]{64}$/);
    assert.match(
      (await payloadHash('http://127.0.0.1.example', 'jNwWgw==')) ?? '',
      /^[0-9a-f]{64}$/,
    );
  });
});
