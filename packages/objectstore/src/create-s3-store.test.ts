import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError, type ErrorCode } from '@causeway/contract';
import { createS3Store } from './create-s3-store.ts';
import type { AwsCredentials } from './credentials.ts';
import { refuse, type ScriptedAnswer, type ScriptedRequest } from './testing/scripted-server.ts';
import { withScriptedStore } from './testing/scripted-store.ts';

const key = 'data/file.parquet';
const part = { key, uploadId: 'upload-1', partNumber: 1, body: Buffer.from('a part') };

async function rejectsWith(code: ErrorCode, promise: Promise<unknown>, message?: RegExp) {
  await assert.rejects(promise, (error) => {
    assert.ok(CausewayError.is(error), `expected ${code}, got ${error}`);
    assert.equal(error.code, code);
    if (message) assert.match(error.message, message);
    return true;
  });
}

describe('a part whose upload fails in passing', () => {
  const passing: readonly [string, ScriptedAnswer][] = [
    ['a lost connection', 'drop'],
    ['SlowDown', refuse(503, 'SlowDown')],
    ['InternalError', refuse(500, 'InternalError')],
    ['BadDigest', refuse(400, 'BadDigest')],
    ['a gateway without an error document', { status: 502, body: '<html>Bad Gateway</html>' }],
  ];
  for (const [name, answer] of passing) {
    it(`is sent again after ${name}`, () =>
      withScriptedStore(
        (request, nth) => (request.operation === 'UploadPart' && nth === 1 ? answer : undefined),
        async ({ store, server }) => {
          const uploaded = await store.uploadPart(part);

          assert.equal(uploaded.bytes, 6);
          assert.deepEqual(server.operations(), ['UploadPart', 'UploadPart']);
          assert.deepEqual(server.requests[1]?.body, part.body);
        },
      ));
  }

  it('says what happened when the budget is spent', () =>
    withScriptedStore(
      () => refuse(503, 'SlowDown'),
      ({ store }) =>
        rejectsWith('store_unavailable', store.uploadPart(part), /UploadPart: SlowDown/),
      { retryBudgetMs: 200 },
    ));

  it('stops at once when it is called off', () =>
    withScriptedStore(
      () => 'hold',
      async ({ store }) => {
        const controller = new AbortController();
        const uploading = store.uploadPart({ ...part, signal: controller.signal });
        setTimeout(() => controller.abort(new Error('called off')), 50);

        await assert.rejects(uploading, /called off/);
      },
    ));
});

describe('what S3 refuses', () => {
  const refusals: readonly [number, string, ErrorCode][] = [
    [403, 'AccessDenied', 'access_denied'],
    [404, 'NoSuchBucket', 'bucket_not_found'],
    [404, 'NoSuchUpload', 'upload_not_found'],
    [403, 'InvalidAccessKeyId', 'credentials_rejected'],
    [403, 'SignatureDoesNotMatch', 'credentials_rejected'],
    [501, 'NotImplemented', 'store_refused'],
    [400, 'KMS.DisabledException', 'store_refused'],
  ];
  for (const [status, name, code] of refusals) {
    it(`is told as ${code} when it is ${name}`, () =>
      withScriptedStore(
        () => refuse(status, name),
        async ({ store, server }) => {
          await rejectsWith(code, store.uploadPart(part));
          assert.equal(server.requests.length, 1);
        },
      ));
  }

  it('names the region that the bucket is in', () =>
    withScriptedStore(
      () => ({
        ...(refuse(301, 'PermanentRedirect') as object),
        status: 301,
        headers: { 'x-amz-bucket-region': 'ap-south-1' },
      }),
      ({ store }) =>
        rejectsWith('bucket_region_mismatch', store.uploadPart(part), /"eu-west-1".*"ap-south-1"/),
    ));

  it('never shows an access key that stands in the message of the store', () =>
    withScriptedStore(
      () => ({
        status: 400,
        body: '<Error><Code>Odd</Code><Message>no AKIAIOSFODNN7EXAMPLE\n here</Message></Error>',
      }),
      async ({ store }) => {
        const error = await store.uploadPart(part).catch((reason: unknown) => reason);

        assert.ok(error instanceof Error);
        assert.match(error.message, /no AKIA… here/);
      },
    ));
});

describe('credentials that S3 calls expired', () => {
  const session = (accessKeyId: string): AwsCredentials => ({
    accessKeyId,
    secretAccessKey: 'not-a-secret',
    sessionToken: 'token',
    expiration: new Date(Date.now() + 3_600_000),
  });
  const expiredFor = (accessKeyId: string) => (request: ScriptedRequest) =>
    request.headers.authorization?.includes(accessKeyId) ? refuse(400, 'ExpiredToken') : undefined;

  it('are renewed once for many parallel parts, which are then sent again', async () => {
    let given = 0;
    let current = session('ASIAFIRST');
    const rejected: string[] = [];
    const credentials = Object.assign(
      async () => {
        given++;
        return current;
      },
      {
        invalidate(expired: AwsCredentials) {
          if (expired.accessKeyId !== current.accessKeyId) return;
          rejected.push(expired.accessKeyId);
          current = session('ASIASECOND');
        },
      },
    );
    await withScriptedStore(
      expiredFor('ASIAFIRST'),
      async ({ store, server }) => {
        const parts = Array.from({ length: 8 }, (_, i) => ({ ...part, partNumber: i + 1 }));

        await Promise.all(parts.map((each) => store.uploadPart(each)));

        assert.deepEqual(rejected, ['ASIAFIRST']);
        assert.equal(server.requests.length, 16);
        assert.ok(given <= 9, `asked ${given} times`);
      },
      { credentials },
    );
  });

  it('are not tried for ever', () =>
    withScriptedStore(
      () => refuse(400, 'ExpiredToken'),
      async ({ store, server }) => {
        await rejectsWith('credentials_rejected', store.uploadPart(part));
        assert.equal(server.requests.length, 2);
      },
    ));

  it('are recognised on HEAD, which has no error document', () =>
    withScriptedStore(
      (request, nth) =>
        request.operation === 'HeadObject' && nth === 1 ? { status: 400 } : undefined,
      async ({ store }) => assert.equal(await store.headObject(key), null),
    ));
});

describe('an abort', () => {
  it('is no error when the upload is gone, as after an answer that was lost', () =>
    withScriptedStore(
      (_request, nth) => (nth === 1 ? 'drop' : refuse(404, 'NoSuchUpload')),
      async ({ store, server }) => {
        await store.abortMultipartUpload({ key, uploadId: 'upload-1' });

        assert.deepEqual(server.operations(), ['AbortMultipartUpload', 'AbortMultipartUpload']);
      },
    ));
});

describe('reading', () => {
  const read = async (stream: AsyncIterable<Uint8Array>) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  const getting = (answer: ScriptedAnswer, test: (text: Promise<string>) => Promise<void>) =>
    withScriptedStore(
      () => answer,
      ({ store }) => test(store.getObject(key).then(read)),
    );

  it('gives bytes that fit their checksum', () =>
    getting(
      { status: 200, body: 'data', headers: { 'x-amz-checksum-crc32': 'rfPzYw==' } },
      async (text) => assert.equal(await text, 'data'),
    ));

  it('fails when the bytes do not fit their checksum', () =>
    getting(
      { status: 200, body: 'data', headers: { 'x-amz-checksum-crc32': 'AAAAAA==' } },
      (text) => rejectsWith('integrity_violated', text, /object "data\/file.parquet"/),
    ));

  it('fails when the object ends short', () =>
    getting({ status: 200, body: 'x'.repeat(1000), cutAfterBytes: 400 }, (text) =>
      rejectsWith('store_unavailable', text, /ended after 400 of 1000 bytes/),
    ));

  it('fails when the object is not there', () =>
    getting(refuse(404, 'NoSuchKey'), (text) => rejectsWith('object_not_found', text)));

  it('fails when a listing strays from its prefix', () =>
    withScriptedStore(
      () => ({
        status: 200,
        body: '<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>other/x</Key><Size>1</Size></Contents></ListBucketResult>',
      }),
      async ({ store }) => {
        const list = async () => {
          for await (const object of store.listObjects('mine/')) assert.fail(object.key);
        };

        await rejectsWith('integrity_violated', list());
      },
    ));
});

describe('createS3Store()', () => {
  it('takes a plain bucket name only, never an ARN', () => {
    const open = (bucket: string) => () =>
      createS3Store({
        bucket,
        region: 'eu-west-1',
        expectedBucketOwner: '222222222222',
        credentials: { accessKeyId: 'AKIASCRIPTED', secretAccessKey: 'not-a-secret' },
      });

    assert.throws(open('arn:aws:s3:eu-west-1:999999999999:accesspoint/x'), /Cannot use location/);
    assert.throws(open('..'), /Cannot use location/);
    assert.throws(open('a/b'), /Cannot use location/);
  });

  it('still learns of an upload that it asked for, and aborts it, when its signal has fired', async () => {
    const controller = new AbortController();
    await withScriptedStore(
      ({ operation }) => {
        if (operation !== 'CreateMultipartUpload') return { status: 204 };
        controller.abort(new Error('shutting down'));
        const body =
          '<InitiateMultipartUploadResult><UploadId>late</UploadId></InitiateMultipartUploadResult>';
        return { status: 200, body };
      },
      async ({ store, server }) => {
        const input = { key, contentType: 'text/plain', token: 'token' };
        const uploadId = await store.createMultipartUpload(input);
        await store.abortMultipartUpload({ key, uploadId });

        assert.equal(uploadId, 'late');
        assert.deepEqual(server.operations(), ['CreateMultipartUpload', 'AbortMultipartUpload']);
        await assert.rejects(store.createMultipartUpload(input), /shutting down/);
      },
      { signal: controller.signal },
    );
  });

  it('ends every call when its signal fires', async () => {
    const controller = new AbortController();
    await withScriptedStore(
      () => 'hold',
      async ({ store }) => {
        const head = store.headObject(key);
        setTimeout(() => controller.abort(new Error('shutting down')), 50);

        await assert.rejects(head, /shutting down/);
        await assert.rejects(store.headObject(key), /shutting down/);
      },
      { signal: controller.signal },
    );
  });
});
