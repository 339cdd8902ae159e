import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { createUserWithKey, failureOf, root, s3Of } from '../testing/clients.ts';
import { send } from '../testing/raw-request.ts';

const Bucket = 'acme-data';
let sandbox: Sandbox;
let s3: S3Client;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  s3 = s3Of(sandbox, root.acme);
  await s3.send(new CreateBucketCommand({ Bucket }));
});
after(() => sandbox.close());

function put(Key: string, more: Partial<PutObjectCommandInput> = {}): PutObjectCommand {
  return new PutObjectCommand({ Bucket, Key, Body: 'hello', ...more });
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

describe('PutObject', () => {
  it('keeps bytes, headers and metadata as they were given', async () => {
    const { ETag } = await s3.send(
      put('kept', {
        ContentType: 'text/plain',
        CacheControl: 'max-age=60',
        ContentEncoding: 'gzip',
        ContentDisposition: 'attachment',
        Metadata: { 'cw-token': 'abc', other: 'x y' },
        StorageClass: 'STANDARD_IA',
      }),
    );
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'kept' }));

    assert.equal(ETag, `"${md5('hello')}"`);
    assert.equal(await got.Body?.transformToString(), 'hello');
    assert.equal(got.ContentType, 'text/plain');
    assert.equal(got.CacheControl, 'max-age=60');
    assert.equal(got.ContentEncoding, 'gzip');
    assert.equal(got.ContentDisposition, 'attachment');
    assert.deepEqual(got.Metadata, { 'cw-token': 'abc', other: 'x y' });
    assert.equal(got.StorageClass, 'STANDARD_IA');
    assert.equal(got.ServerSideEncryption, 'AES256');
  });

  for (const algorithm of ['CRC32', 'SHA1', 'SHA256'] as const) {
    it(`verifies a ${algorithm}, keeps it and gives it back when asked`, async () => {
      const stored = await s3.send(put('sum', { ChecksumAlgorithm: algorithm }));
      const head = await s3.send(
        new HeadObjectCommand({ Bucket, Key: 'sum', ChecksumMode: 'ENABLED' }),
      );
      const silent = await s3.send(new HeadObjectCommand({ Bucket, Key: 'sum' }));
      const wrong = await failureOf(
        s3.send(
          put('wrong', { [`Checksum${algorithm}`]: stored[`Checksum${algorithm}`], Body: 'other' }),
        ),
      );

      assert.ok(stored[`Checksum${algorithm}`]);
      assert.equal(head[`Checksum${algorithm}`], stored[`Checksum${algorithm}`]);
      assert.equal(head.ChecksumType, 'FULL_OBJECT');
      assert.equal(silent[`Checksum${algorithm}`], undefined);
      assert.equal(wrong.code, 'BadDigest');
      assert.equal(
        (await failureOf(s3.send(new HeadObjectCommand({ Bucket, Key: 'wrong' })))).status,
        404,
      );
    });
  }

  it('verifies Content-MD5', async () => {
    const right = createHash('md5').update('hello').digest('base64');
    const wrong = createHash('md5').update('other').digest('base64');

    await s3.send(put('md5', { ContentMD5: right }));
    const failure = await failureOf(s3.send(put('md5', { ContentMD5: wrong })));
    const nonsense = await failureOf(s3.send(put('md5', { ContentMD5: 'nonsense' })));

    assert.equal(failure.code, 'BadDigest');
    assert.equal(nonsense.code, 'InvalidDigest');
  });

  it('creates only, when asked to', async () => {
    await s3.send(put('once', { IfNoneMatch: '*' }));
    const failure = await failureOf(s3.send(put('once', { IfNoneMatch: '*', Body: 'again' })));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'once' }));

    assert.equal(failure.status, 412);
    assert.equal(failure.code, 'PreconditionFailed');
    assert.equal(await got.Body?.transformToString(), 'hello');
  });

  it('lets exactly one of many create-only writers win', async () => {
    const writers = Array.from({ length: 20 }, (_, i) =>
      s3.send(put('race', { IfNoneMatch: '*', Body: `writer ${i}` })).then(
        () => 'won',
        (error: Error) => error.name,
      ),
    );

    const outcomes = await Promise.all(writers);

    assert.equal(outcomes.filter((outcome) => outcome === 'won').length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === 'PreconditionFailed').length, 19);
  });

  it('replaces only what it knows, when asked to', async () => {
    const { ETag } = await s3.send(put('known'));

    await s3.send(put('known', { IfMatch: ETag, Body: 'second' }));
    const stale = await failureOf(s3.send(put('known', { IfMatch: ETag })));
    const missing = await failureOf(s3.send(put('unknown', { IfMatch: ETag })));

    assert.equal(stale.status, 412);
    assert.equal(missing.status, 404);
    assert.equal(missing.code, 'NoSuchKey');
  });

  it('tells those who may not write nothing about what exists', async () => {
    const key = await createUserWithKey(sandbox, root.acme, 'nobody', []);
    await s3.send(put('secret'));

    const failure = await failureOf(s3Of(sandbox, key).send(put('secret', { IfNoneMatch: '*' })));

    assert.equal(failure.status, 403);
  });

  it('refuses what S3 refuses', async () => {
    const refused: readonly (readonly [Partial<PutObjectCommandInput>, string])[] = [
      [{ ACL: 'public-read' }, 'AccessControlListNotSupported'],
      [{ Metadata: { big: 'x'.repeat(2100) } }, 'MetadataTooLarge'],
      [{ Key: 'k'.repeat(1025) }, 'KeyTooLongError'],
      [{ StorageClass: 'CHEAP' as 'STANDARD' }, 'InvalidStorageClass'],
      [{ IfNoneMatch: '"etag"' }, 'NotImplemented'],
      [{ WebsiteRedirectLocation: '/x' }, 'NotImplemented'],
    ];
    for (const [more, code] of refused) {
      assert.equal((await failureOf(s3.send(put('refused', more)))).code, code);
    }
    await s3.send(put('owner-acl', { ACL: 'bucket-owner-full-control' }));
  });

  it('goes on with the connection after a refusal, though the body was not read', async () => {
    const Body = Buffer.alloc(3_000_000);

    const failure = await failureOf(s3.send(put('x', { Bucket: 'nobodys-bucket', Body })));
    await s3.send(put('after'));

    assert.equal(failure.code, 'NoSuchBucket');
  });
});

describe('GetObject', () => {
  before(() => s3.send(put('range', { Body: '0123456789' })));

  const get = (more: object) => s3.send(new GetObjectCommand({ Bucket, Key: 'range', ...more }));

  it('answers ranges', async () => {
    const expected = [
      ['bytes=2-4', '234', 'bytes 2-4/10'],
      ['bytes=8-', '89', 'bytes 8-9/10'],
      ['bytes=-3', '789', 'bytes 7-9/10'],
      ['bytes=5-100', '56789', 'bytes 5-9/10'],
    ] as const;
    for (const [Range, content, header] of expected) {
      const got = await get({ Range });
      assert.equal(got.$metadata.httpStatusCode, 206);
      assert.equal(await got.Body?.transformToString(), content);
      assert.equal(got.ContentRange, header);
    }
    assert.equal((await failureOf(get({ Range: 'bytes=10-' }))).code, 'InvalidRange');
    assert.equal((await failureOf(get({ Range: 'bytes=10-' }))).status, 416);
    assert.equal((await get({ Range: 'lines=1-2' })).$metadata.httpStatusCode, 200);
  });

  it('answers conditions', async () => {
    const etag = `"${md5('0123456789')}"`;
    const path = `/${Bucket}/range`;
    const ask = (headers: Record<string, string>) =>
      send(sandbox, { path, credentials: root.acme, headers });

    assert.equal((await ask({ 'if-match': etag })).status, 200);
    assert.equal((await ask({ 'if-match': '"other"' })).status, 412);
    assert.equal((await ask({ 'if-none-match': etag })).status, 304);
    assert.equal((await ask({ 'if-none-match': '"other"' })).status, 200);
    const past = new Date(0).toUTCString();
    const future = new Date(Date.now() + 86_400_000).toUTCString();
    assert.equal((await ask({ 'if-modified-since': future })).status, 304);
    assert.equal((await ask({ 'if-modified-since': past })).status, 200);
    assert.equal((await ask({ 'if-unmodified-since': past })).status, 412);
  });

  it('answers with other headers when a signed request asks for them', async () => {
    const got = await get({ ResponseContentType: 'text/csv' });

    assert.equal(got.ContentType, 'text/csv');
    const injected = await failureOf(get({ ResponseContentType: 'text/csv\r\nx-evil: 1' }));
    assert.equal(injected.code, 'InvalidArgument');
  });

  it('reads to the end what was replaced meanwhile', async () => {
    const first = Buffer.alloc(8_000_000, 1);
    await s3.send(put('replaced', { Body: first }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'replaced' }));

    await s3.send(put('replaced', { Body: 'second' }));
    const bytes = await got.Body?.transformToByteArray();

    assert.ok(bytes && first.equals(bytes));
  });

  it('answers HEAD without a body, for errors too', async () => {
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'range' }));
    const missing = await send(sandbox, {
      method: 'HEAD',
      path: `/${Bucket}/missing`,
      credentials: root.acme,
    });

    assert.equal(head.ContentLength, 10);
    assert.equal(missing.status, 404);
    assert.equal(missing.body, '');
  });

  it('keeps an empty object', async () => {
    await s3.send(put('empty', { Body: '' }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'empty' }));

    assert.equal(got.ContentLength, 0);
    assert.equal(await got.Body?.transformToString(), '');
  });
});

describe('DeleteObject and DeleteObjects', () => {
  it('removes objects, and does not mind those that are not there', async () => {
    await s3.send(put('d/1'));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'd/1' }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'd/1' }));

    assert.equal(
      (await failureOf(s3.send(new HeadObjectCommand({ Bucket, Key: 'd/1' })))).status,
      404,
    );
  });

  it('decides each of many keys on its own', async () => {
    const key = await createUserWithKey(sandbox, root.acme, 'deleter', [
      { Effect: 'Allow', Action: 's3:DeleteObject', Resource: `arn:aws:s3:::${Bucket}/mine/*` },
    ]);
    for (const name of ['mine/<1>&', 'mine/2', 'yours/1']) await s3.send(put(name));

    const { Deleted, Errors } = await s3Of(sandbox, key).send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: [{ Key: 'mine/<1>&' }, { Key: 'yours/1' }, { Key: 'mine/2' }] },
      }),
    );

    assert.deepEqual(
      Deleted?.map(({ Key }) => Key),
      ['mine/<1>&', 'mine/2'],
    );
    assert.equal(Errors?.length, 1);
    assert.equal(Errors?.[0]?.Key, 'yours/1');
    assert.equal(Errors?.[0]?.Code, 'AccessDenied');
    await s3.send(new HeadObjectCommand({ Bucket, Key: 'yours/1' }));
  });

  it('wants a digest of so dangerous a body', async () => {
    const answer = await send(sandbox, {
      method: 'POST',
      path: `/${Bucket}?delete=`,
      credentials: root.acme,
      body: '<Delete><Object><Key>range</Key></Object></Delete>',
    });

    assert.equal(answer.status, 400);
    assert.match(answer.body, /Content-MD5/);
  });
});
