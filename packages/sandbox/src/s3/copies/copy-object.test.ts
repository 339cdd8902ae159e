import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  type CopyObjectCommandInput,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketPolicyCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../../start-sandbox.ts';
import {
  acme,
  createUserWithKey,
  failureOf,
  globex,
  policy,
  root,
  s3Of,
} from '../../testing/clients.ts';

const Bucket = 'acme-copies';
const theirs = 'globex-data';
let sandbox: Sandbox;
let s3: S3Client;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  s3 = s3Of(sandbox, root.acme);
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: 'from',
      Body: 'hello',
      ContentType: 'text/plain',
      Metadata: { colour: 'red' },
      StorageClass: 'STANDARD_IA',
      Tagging: 'team=blue',
    }),
  );
  const other = s3Of(sandbox, root.globex);
  await other.send(new CreateBucketCommand({ Bucket: theirs }));
  await other.send(new PutObjectCommand({ Bucket: theirs, Key: 'a', Body: 'theirs' }));
});
after(() => sandbox.close());

const copy = (more: Partial<CopyObjectCommandInput> = {}) =>
  s3.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource: `${Bucket}/from`, ...more }));

async function read(Key: string, VersionId?: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return (await Body?.transformToString()) ?? '';
}

const head = (Key: string) =>
  s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));

async function tagsOf(Key: string) {
  return (await s3.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet;
}

/** An object of two parts, the first of 5 MiB. */
async function putParts(Key: string): Promise<Buffer> {
  const bytes = Buffer.alloc(5 * 1024 * 1024 + 3, 'abcdefg');
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'SHA256' }),
  );
  const parts = [bytes.subarray(0, -3), bytes.subarray(-3)];
  const Parts = [];
  for (const [index, Body] of parts.entries()) {
    const PartNumber = index + 1;
    const { ETag, ChecksumSHA256 } = await s3.send(
      new UploadPartCommand({
        Bucket,
        Key,
        UploadId,
        PartNumber,
        Body,
        ChecksumAlgorithm: 'SHA256',
      }),
    );
    Parts.push({ PartNumber, ETag, ChecksumSHA256 });
  }
  await s3.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
  );
  return bytes;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64');
const md5 = (bytes: Uint8Array | string) => createHash('md5').update(bytes).digest('hex');

describe('CopyObject', () => {
  it('copies bytes, metadata and tags, and takes the storage class from the request', async () => {
    const { CopyObjectResult: result } = await copy();

    const to = await head('to');
    assert.equal(await read('to'), 'hello');
    assert.equal(result?.ETag, `"${md5('hello')}"`);
    assert.ok(result?.LastModified);
    assert.deepEqual([to.ContentType, to.Metadata], ['text/plain', { colour: 'red' }]);
    assert.equal(to.StorageClass, undefined);
    assert.deepEqual(await tagsOf('to'), [{ Key: 'team', Value: 'blue' }]);
    assert.equal(to.ChecksumCRC32, (await head('from')).ChecksumCRC32);
  });

  it('replaces metadata and tags when told to', async () => {
    await copy({
      MetadataDirective: 'REPLACE',
      Metadata: { size: 'big' },
      ContentType: 'text/html',
      TaggingDirective: 'REPLACE',
      Tagging: 'team=green&level=2',
      StorageClass: 'ONEZONE_IA',
    });

    const to = await head('to');
    assert.deepEqual([to.ContentType, to.Metadata], ['text/html', { size: 'big' }]);
    assert.equal(to.StorageClass, 'ONEZONE_IA');
    assert.deepEqual(await tagsOf('to'), [
      { Key: 'team', Value: 'green' },
      { Key: 'level', Value: '2' },
    ]);
  });

  it('leaves the copy whole when the source is overwritten', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'short-lived', Body: 'first' }));
    await copy({ Key: 'kept', CopySource: `${Bucket}/short-lived` });
    await s3.send(new PutObjectCommand({ Bucket, Key: 'short-lived', Body: 'second' }));

    assert.equal(await read('kept'), 'first');
  });

  it('computes another checksum when asked for one', async () => {
    const { CopyObjectResult: result } = await copy({ ChecksumAlgorithm: 'SHA256' });

    assert.equal(result?.ChecksumSHA256, sha256(Buffer.from('hello')));
    assert.equal(result?.ChecksumType, 'FULL_OBJECT');
    assert.equal((await head('to')).ChecksumSHA256, sha256(Buffer.from('hello')));
  });

  it('makes one whole of an object of parts', async () => {
    const bytes = await putParts('parts');

    await copy({ Key: 'whole', CopySource: `${Bucket}/parts` });

    const whole = await head('whole');
    assert.equal(whole.ETag, `"${md5(bytes)}"`);
    assert.deepEqual([whole.ChecksumSHA256, whole.ChecksumType], [sha256(bytes), 'FULL_OBJECT']);
    assert.equal(md5(await read('whole')), md5(bytes));
    const first = await s3.send(new HeadObjectCommand({ Bucket, Key: 'whole', PartNumber: 1 }));
    assert.deepEqual([first.ContentLength, first.PartsCount], [bytes.length, undefined]);
  });

  it('refuses to copy an object onto itself unchanged, and allows it with a change', async () => {
    await copy({ Key: 'self' });
    const self = { Key: 'self', CopySource: `${Bucket}/self` };

    const refused = await failureOf(copy(self));
    const tagged = await failureOf(copy({ ...self, TaggingDirective: 'REPLACE', Tagging: 'a=b' }));
    await copy({ ...self, MetadataDirective: 'REPLACE', Metadata: { changed: 'yes' } });

    assert.deepEqual([refused.status, refused.code], [400, 'InvalidRequest']);
    assert.match(refused.message, /trying to copy an object to itself without changing/);
    assert.equal(tagged.code, 'InvalidRequest');
    assert.deepEqual((await head('self')).Metadata, { changed: 'yes' });
    assert.equal(await read('self'), 'hello');
    await copy({ ...self, StorageClass: 'STANDARD_IA' });
    assert.equal((await head('self')).StorageClass, 'STANDARD_IA');
  });

  it('holds to the conditions on its source', async () => {
    const { ETag, LastModified } = await head('from');
    const past = new Date('2020-01-01');
    assert.ok(LastModified);

    await copy({ CopySourceIfMatch: ETag, CopySourceIfUnmodifiedSince: past });
    await copy({ CopySourceIfModifiedSince: past });
    for (const condition of [
      { CopySourceIfMatch: '"other"' },
      { CopySourceIfNoneMatch: ETag },
      { CopySourceIfModifiedSince: LastModified },
      { CopySourceIfUnmodifiedSince: past },
    ]) {
      const failure = await failureOf(copy(condition));
      assert.deepEqual([failure.status, failure.code], [412, 'PreconditionFailed']);
    }
  });

  it('holds to the conditions on its target', async () => {
    await copy({ Key: 'once', IfNoneMatch: '*' });

    assert.equal((await failureOf(copy({ Key: 'once', IfNoneMatch: '*' }))).status, 412);
  });

  it('says what is wrong with a source', async () => {
    const noKey = await failureOf(copy({ CopySource: Bucket }));
    const noBucket = await failureOf(copy({ CopySource: 'acme-nothing/x' }));
    const noObject = await failureOf(copy({ CopySource: `${Bucket}/nothing` }));
    const directive = await failureOf(copy({ MetadataDirective: 'MOVE' as 'COPY' }));
    const owner = await failureOf(copy({ ExpectedSourceBucketOwner: globex }));

    assert.equal(noKey.code, 'InvalidArgument');
    assert.equal(noBucket.code, 'NoSuchBucket');
    assert.equal(noObject.code, 'NoSuchKey');
    assert.deepEqual(
      [directive.code, directive.message],
      ['InvalidArgument', 'Unknown metadata directive.'],
    );
    assert.deepEqual([owner.status, owner.code], [403, 'AccessDenied']);
    await copy({ ExpectedSourceBucketOwner: acme });
  });

  it('takes source keys with every kind of character', async () => {
    for (const key of ['a b/+é?x=1', 'p%20q', '😀']) {
      await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: key }));
      await copy({ CopySource: encodeURI(`/${Bucket}/`) + encodeURIComponent(key) });
      assert.equal(await read('to'), key);
    }
  });

  it('brings an older version back', async () => {
    const versioned = 'acme-versioned';
    await s3.send(new CreateBucketCommand({ Bucket: versioned }));
    await s3.send(
      new PutBucketVersioningCommand({
        Bucket: versioned,
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    );
    const put = (Body: string) =>
      s3.send(new PutObjectCommand({ Bucket: versioned, Key: 'a', Body }));
    const { VersionId } = await put('first');
    await put('second');

    const back = await copy({
      Bucket: versioned,
      Key: 'a',
      CopySource: `${versioned}/a?versionId=${VersionId}`,
    });

    assert.equal(back.CopySourceVersionId, VersionId);
    assert.ok(back.VersionId && back.VersionId !== VersionId);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: versioned, Key: 'a' }));
    assert.equal(await Body?.transformToString(), 'first');
  });
});

describe('the rights to copy', () => {
  it('are to read there and to write here', async () => {
    const allow = (Action: string, Resource: string) => ({ Effect: 'Allow', Action, Resource });
    const from = `arn:aws:s3:::${Bucket}/from`;
    const to = `arn:aws:s3:::${Bucket}/u/*`;
    const user = (name: string, ...statements: object[]) =>
      createUserWithKey(sandbox, root.acme, name, statements);
    const writer = await user('writer', allow('s3:PutObject*', to));
    const reader = await user('reader', allow('s3:GetObject*', from));
    const untagged = await user(
      'untagged',
      allow('s3:GetObject*', from),
      allow('s3:PutObject', to),
    );
    const both = await user('both', allow('s3:GetObject*', from), allow('s3:PutObject*', to));
    const command = (more = {}) =>
      new CopyObjectCommand({ Bucket, Key: 'u/1', CopySource: `${Bucket}/from`, ...more });
    const refusal = async (key: typeof writer) =>
      (await failureOf(s3Of(sandbox, key).send(command()))).message;

    assert.match(await refusal(writer), /perform: s3:GetObject on resource/);
    assert.match(await refusal(reader), /perform: s3:PutObject on resource/);
    assert.match(await refusal(untagged), /perform: s3:PutObjectTagging on resource/);
    await s3Of(sandbox, untagged).send(command({ TaggingDirective: 'REPLACE' }));
    await s3Of(sandbox, both).send(command());
  });

  it("are decided by the source's own bucket policy and owner", async () => {
    const from = { CopySource: `${theirs}/a` };
    const refused = await failureOf(copy(from));
    const other = s3Of(sandbox, root.globex);
    await other.send(
      new PutBucketPolicyCommand({
        Bucket: theirs,
        Policy: policy({
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${acme}:root` },
          Action: 's3:GetObject',
          Resource: `arn:aws:s3:::${theirs}/*`,
        }),
      }),
    );

    await copy(from);
    const missing = await failureOf(copy({ CopySource: `${theirs}/missing` }));

    assert.deepEqual([refused.code, refused.message], ['AccessDenied', 'Access Denied']);
    assert.equal(await read('to'), 'theirs');
    assert.deepEqual([missing.status, missing.code], [403, 'AccessDenied']);
    await other.send(new DeleteBucketPolicyCommand({ Bucket: theirs }));
    assert.equal((await failureOf(copy(from))).status, 403);
  });

  it('can be narrowed to a source and a directive', async () => {
    const narrow = await createUserWithKey(sandbox, root.acme, 'narrow', [
      { Effect: 'Allow', Action: ['s3:GetObject*', 's3:PutObjectTagging'], Resource: '*' },
      {
        Effect: 'Allow',
        Action: 's3:PutObject',
        Resource: '*',
        Condition: {
          StringEquals: {
            's3:x-amz-copy-source': `${Bucket}/from`,
            's3:x-amz-metadata-directive': 'REPLACE',
          },
        },
      },
    ]);
    const send = (more: Partial<CopyObjectCommandInput>) =>
      s3Of(sandbox, narrow).send(
        new CopyObjectCommand({ Bucket, Key: 'n', CopySource: `${Bucket}/from`, ...more }),
      );

    await send({ MetadataDirective: 'REPLACE' });
    assert.equal((await failureOf(send({}))).code, 'AccessDenied');
    const elsewhere = { CopySource: `${Bucket}/to`, MetadataDirective: 'REPLACE' as const };
    assert.equal((await failureOf(send(elsewhere))).code, 'AccessDenied');
  });
});

describe('UploadPartCopy', () => {
  it('makes parts of objects and of ranges of them', async () => {
    const bytes = await putParts('source');
    const Key = 'assembled';
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({
        Bucket,
        Key,
        ChecksumAlgorithm: 'CRC32C',
        ChecksumType: 'FULL_OBJECT',
      }),
    );
    const part = (PartNumber: number, CopySourceRange?: string) =>
      s3.send(
        new UploadPartCopyCommand({
          Bucket,
          Key,
          UploadId,
          PartNumber,
          CopySource: `${Bucket}/source`,
          CopySourceRange,
        }),
      );

    const whole = await part(1);
    const range = await part(2, `bytes=${bytes.length - 5}-${bytes.length - 2}`);
    const Parts = [whole, range].map(({ CopyPartResult: result }, index) => ({
      PartNumber: index + 1,
      ETag: result?.ETag,
      ChecksumCRC32C: result?.ChecksumCRC32C,
    }));
    await s3.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
    );

    const expected = Buffer.concat([bytes, bytes.subarray(-5, -1)]);
    assert.equal(whole.CopyPartResult?.ETag, `"${md5(bytes)}"`);
    assert.ok(range.CopyPartResult?.ChecksumCRC32C);
    assert.equal(md5(await read(Key)), md5(expected));
  });

  it('refuses ranges that are none, or not of the source', async () => {
    const Key = 'ranges';
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const part = (CopySourceRange: string) =>
      s3.send(
        new UploadPartCopyCommand({
          Bucket,
          Key,
          UploadId,
          PartNumber: 1,
          CopySource: `${Bucket}/from`,
          CopySourceRange,
        }),
      );

    assert.ok((await part('bytes=0-1')).CopyPartResult?.ChecksumCRC64NVME);
    for (const range of ['0-1', 'bytes=2-1', 'bytes=-2', 'bytes=1-']) {
      const failure = await failureOf(part(range));
      assert.equal(failure.code, 'InvalidArgument');
      assert.match(failure.message, /must be of the form bytes=first-last/);
    }
    const outside = await failureOf(part('bytes=0-5'));
    assert.equal(outside.code, 'InvalidArgument');
    assert.match(outside.message, /not valid for source object of size: 5/);
  });
});
