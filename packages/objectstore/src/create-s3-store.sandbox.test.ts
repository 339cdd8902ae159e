import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { CausewayError, type ErrorCode } from '@causeway/contract';
import { describeObjectStore } from './conformance.ts';
import type { S3Store } from './create-s3-store.ts';
import { s3Capabilities } from './store-capabilities.ts';
import { openSandboxBucket, type SandboxBucket } from './testing/sandbox-bucket.ts';
import { uploadStream } from './upload-stream.ts';

const contentType = 'text/plain';

/** All that a delivery needs: nothing may be read or listed. */
const writeOnly = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:AbortMultipartUpload'],
      Resource: 'arn:aws:s3:::acme-data/*',
    },
  ],
};

const lacking = { ...s3Capabilities, conditionalComplete: false, checksums: false };

for (const [name, capabilities] of [
  ['createS3Store() on the sandbox', s3Capabilities],
  ['createS3Store() that does itself what a store may lack', lacking],
] as const) {
  describeObjectStore(
    name,
    async () => {
      const bucket = await openSandboxBucket();
      const astray = bucket.open({ capabilities, expectedBucketOwner: '333333333333' });
      return { store: bucket.open({ capabilities }), astray, close: bucket.close };
    },
    // Listing is the same whatever a store lacks.
    { hasOwners: true, listsPages: capabilities === s3Capabilities },
  );
}

const rejectsWith = (code: ErrorCode, promise: Promise<unknown>) =>
  assert.rejects(promise, (error) => {
    assert.ok(CausewayError.is(error), `expected ${code}, got ${error}`);
    assert.equal(error.code, code);
    return true;
  });

describe('createS3Store() when the sandbox loses answers', () => {
  let bucket: SandboxBucket;
  let store: S3Store;
  before(async () => {
    bucket = await openSandboxBucket();
    store = bucket.open();
    // So that the session exists, and no test sees it being made.
    await store.headObject('any');
  });
  after(() => bucket.close());

  const put = (key: string, to: S3Store = store) =>
    to.putObject({ key, body: Buffer.from(key), contentType, token: `token-${key}` });
  const begin = async (key: string, to: S3Store = store) => {
    const token = `token-${key}`;
    const uploadId = await to.createMultipartUpload({ key, contentType, token });
    const part = { key, uploadId, partNumber: 1, body: Buffer.from(key) };
    return { key, token, uploadId, part };
  };

  for (const effect of [
    { type: 'drop_reply' },
    { type: 'fail_after', status: 500, code: 'InternalError' },
  ] as const) {
    it(`writes an object once: PutObject, ${effect.type}`, async () => {
      await bucket.operations();
      await bucket.fault({ operation: 'PutObject', times: 1, effect });

      const written = await put(`put-${effect.type}`);

      assert.equal(written.proof, 'read_back');
      assert.deepEqual(await bucket.operations(), ['PutObject', 'HeadObject']);
    });

    it(`sends a part again: UploadPart, ${effect.type}`, async () => {
      const { key, token, uploadId, part } = await begin(`part-${effect.type}`);
      await bucket.fault({ operation: 'UploadPart', times: 1, effect });

      const uploaded = await store.uploadPart(part);

      await store.completeMultipartUpload({ key, token, uploadId, parts: [uploaded] });
      assert.equal((await buffer(await store.getObject(key))).toString(), key);
    });

    it(`completes once: CompleteMultipartUpload, ${effect.type}`, async () => {
      const { key, token, uploadId, part } = await begin(`complete-${effect.type}`);
      const parts = [await store.uploadPart(part)];
      await bucket.operations();
      await bucket.fault({ operation: 'CompleteMultipartUpload', times: 1, effect });

      const written = await store.completeMultipartUpload({ key, token, uploadId, parts });

      assert.equal(written.proof, 'read_back');
      assert.equal(written.etag, (await store.headObject(key))?.etag);
    });

    it(`aborts all the same: AbortMultipartUpload, ${effect.type}`, async () => {
      const { key, uploadId } = await begin(`abort-${effect.type}`);
      await bucket.fault({ operation: 'AbortMultipartUpload', times: 1, effect });

      await store.abortMultipartUpload({ key, uploadId });

      assert.equal(await bucket.openUploads(), 0);
      await bucket.operations();
    });

    it(`calls a put with write access only probable: PutObject, ${effect.type}`, async () => {
      await bucket.fault({ operation: 'PutObject', times: 1, effect });

      const written = await put(`blind-put-${effect.type}`, bucket.open({}, writeOnly));

      await bucket.operations();
      assert.equal(written.proof, 'unverified');
      assert.equal(written.etag, (await store.headObject(`blind-put-${effect.type}`))?.etag);
    });

    it(`calls a completion with write access only probable: ${effect.type}`, async () => {
      const blind = bucket.open({}, writeOnly);
      const { key, token, uploadId, part } = await begin(`blind-complete-${effect.type}`, blind);
      const parts = [await blind.uploadPart(part)];
      await bucket.fault({ operation: 'CompleteMultipartUpload', times: 1, effect });

      const written = await blind.completeMultipartUpload({ key, token, uploadId, parts });

      await bucket.operations();
      assert.equal(written.proof, 'unverified');
      assert.equal(written.etag, (await store.headObject(key))?.etag);
    });
  }

  it('writes an object once when the first request takes effect after it was given up', async () => {
    const effect = { type: 'delay', milliseconds: 500 } as const;
    await bucket.fault({ operation: 'PutObject', times: 1, effect });

    const written = await put('late', bucket.open({ idleTimeoutMs: 150 }));

    const operations = await bucket.operations();
    assert.ok(operations.filter((operation) => operation === 'PutObject').length >= 2);
    assert.equal(written.etag, (await store.headObject('late'))?.etag);
    assert.equal((await buffer(await store.getObject('late'))).toString(), 'late');
  });

  it('completes after an error in a 200', async () => {
    const { key, token, uploadId, part } = await begin('error-in-200');
    const parts = [await store.uploadPart(part)];
    await bucket.fault({
      operation: 'CompleteMultipartUpload',
      times: 2,
      effect: { type: 'error_in_200' },
    });

    const written = await store.completeMultipartUpload({ key, token, uploadId, parts });

    assert.equal(written.proof, 'answered');
    await bucket.operations();
  });

  it('needs no more than write access when nothing is lost', async () => {
    const blind = bucket.open({}, writeOnly);
    const body = randomBytes(6 * 1024 ** 2);

    const upload = await uploadStream(blind, {
      key: 'blind-stream',
      stream: Readable.from([body]),
      contentType,
      token: 'token-stream',
      partSizeBytes: 5 * 1024 ** 2,
      onOpen: async () => undefined,
      onPart: async () => undefined,
    });
    assert.ok(upload);
    const file = { key: 'blind-stream', token: 'token-stream', ...upload };
    const written = await blind.completeMultipartUpload(file);

    assert.equal(written.proof, 'answered');
    assert.deepEqual(await buffer(await store.getObject('blind-stream')), body);
    await rejectsWith('access_denied', blind.headObject('blind-stream'));
    await rejectsWith('access_denied', blind.putObject({ ...file, body, contentType, token: 'x' }));
  });

  it('leaves no upload behind when a stream breaks', async () => {
    const stream = Readable.from(
      (async function* () {
        yield randomBytes(6 * 1024 ** 2);
        throw new Error('the query failed');
      })(),
    );
    const input = {
      key: 'broken',
      stream,
      contentType,
      token: 't',
      onOpen: async () => undefined,
      onPart: async () => undefined,
    };

    await assert.rejects(uploadStream(store, input), /the query failed/);
    assert.equal(await bucket.openUploads(), 0);
  });

  it('says that a bucket is not there', () =>
    rejectsWith('bucket_not_found', put('k', bucket.open({ bucket: 'no-such-bucket-here' }))));
});

describe('createS3Store() for many customers at once', () => {
  /** More than the SDK keeps signing keys of, all over the same few connections. */
  const customers = 60;
  const onlyUnder = (prefix: string) => ({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 's3:PutObject', Resource: `arn:aws:s3:::acme-data/${prefix}*` },
    ],
  });
  const prefixOf = (customer: number) => `customer-${customer}/`;

  it('signs each request by the credentials of its own customer, and by no others', async () => {
    const bucket = await openSandboxBucket();
    const stores = Array.from({ length: customers }, (_, i) =>
      bucket.open({}, onlyUnder(prefixOf(i))),
    );
    const put = (store: S3Store, key: string) =>
      store.putObject({ key, body: Buffer.from(key), contentType, token: key });
    const deliver = async (store: S3Store, customer: number) => {
      const key = `${prefixOf(customer)}data`;
      const uploadId = await store.createMultipartUpload({ key, contentType, token: key });
      const part = await store.uploadPart({ key, uploadId, partNumber: 1, body: Buffer.from(key) });
      await store.completeMultipartUpload({ key, uploadId, parts: [part], token: key });
      await put(store, `${prefixOf(customer)}manifest`);
    };
    try {
      // The sandbox verifies each signature, and lets each session into its own prefix alone.
      await Promise.all(stores.map(deliver));
      await Promise.all(
        stores.map((store, i) =>
          rejectsWith('access_denied', put(store, `${prefixOf((i + 1) % customers)}foreign`)),
        ),
      );

      const keys: string[] = [];
      for await (const { key } of bucket.open().listObjects('customer-')) keys.push(key);
      assert.deepEqual(
        keys.toSorted(),
        stores.flatMap((_, i) => [`${prefixOf(i)}data`, `${prefixOf(i)}manifest`]).toSorted(),
      );
    } finally {
      await bucket.close();
    }
  });
});
