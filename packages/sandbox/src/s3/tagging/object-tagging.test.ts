import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectTaggingCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  type Tag,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../../start-sandbox.ts';
import { createUserWithKey, failureOf, root, s3Of } from '../../testing/clients.ts';

const Bucket = 'acme-tags';
let sandbox: Sandbox;
let s3: S3Client;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  s3 = s3Of(sandbox, root.acme);
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
});
after(() => sandbox.close());

const tag = (TagSet: Tag[], more = {}) =>
  s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'a', Tagging: { TagSet }, ...more }));

async function tags(more: { Key?: string; VersionId?: string | undefined } = {}) {
  return (await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'a', ...more }))).TagSet;
}

const many = (count: number): Tag[] =>
  Array.from({ length: count }, (_, index) => ({ Key: `k${index}`, Value: '' }));

describe('object tags', () => {
  it('are set as a whole, read, counted and removed', async () => {
    assert.deepEqual(await tags(), []);
    await tag([{ Key: 'old', Value: '1' }]);
    await tag([
      { Key: 'b', Value: 'x y' },
      { Key: 'a', Value: 'é=1' },
    ]);

    assert.deepEqual(await tags(), [
      { Key: 'b', Value: 'x y' },
      { Key: 'a', Value: 'é=1' },
    ]);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'a' }));
    assert.equal(got.TagCount, 2);
    await got.Body?.transformToString();

    await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'a' }));
    assert.deepEqual(await tags(), []);
    assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'a' }))).TagCount, undefined);
  });

  it('come with an upload', async () => {
    await s3.send(
      new PutObjectCommand({ Bucket, Key: 'put', Body: 'x', Tagging: 'a=1+2&b=%C3%A9' }),
    );
    const Key = 'parts';
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({ Bucket, Key, Tagging: 'c=3' }),
    );
    const { ETag } = await s3.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'x' }),
    );
    await s3.send(
      new CompleteMultipartUploadCommand({
        Bucket,
        Key,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );

    assert.deepEqual(await tags({ Key: 'put' }), [
      { Key: 'a', Value: '1 2' },
      { Key: 'b', Value: 'é' },
    ]);
    assert.deepEqual(await tags({ Key }), [{ Key: 'c', Value: '3' }]);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'put', Body: 'y' }));
    assert.deepEqual(await tags({ Key: 'put' }), []);
  });

  it('are at most ten, of limited length, and each once', async () => {
    await tag(many(10));
    const cases: [Tag[], string, RegExp][] = [
      [many(11), 'BadRequest', /cannot be greater than 10/],
      [[{ Key: 'k'.repeat(129), Value: '' }], 'InvalidTag', /TagKey you have provided is invalid/],
      [[{ Key: '', Value: 'x' }], 'InvalidTag', /TagKey you have provided is invalid/],
      [
        [{ Key: 'k', Value: 'v'.repeat(257) }],
        'InvalidTag',
        /TagValue you have provided is invalid/,
      ],
      [[{ Key: 'k{', Value: '' }], 'InvalidTag', /TagKey/],
      [[{ Key: 'aws:k', Value: '' }], 'InvalidTag', /aws:/],
      [[...many(1), ...many(1)], 'InvalidTag', /multiple Tags with the same key/],
    ];

    for (const [set, code, message] of cases) {
      const failure = await failureOf(tag(set));
      assert.deepEqual([failure.status, failure.code], [400, code]);
      assert.match(failure.message, message);
    }
    await tag([{ Key: 'k'.repeat(128), Value: 'v'.repeat(256) }]);
    const put = (Tagging: string) =>
      failureOf(s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x', Tagging })));
    assert.equal((await put('a=1&a=2')).code, 'InvalidArgument');
    assert.equal((await put('a=%zz')).code, 'InvalidArgument');
  });

  it('belong to a version', async () => {
    const versioned = 'acme-tagged-versions';
    await s3.send(new CreateBucketCommand({ Bucket: versioned }));
    await s3.send(
      new PutBucketVersioningCommand({
        Bucket: versioned,
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    );
    const put = () => s3.send(new PutObjectCommand({ Bucket: versioned, Key: 'a', Body: 'x' }));
    const { VersionId } = await put();
    const second = await put();
    const place = { Bucket: versioned, VersionId };

    const tagged = await tag([{ Key: 'k', Value: 'old' }], place);

    assert.equal(tagged.VersionId, VersionId);
    const ofOld = await s3.send(new GetObjectTaggingCommand({ ...place, Key: 'a' }));
    const ofNew = await s3.send(new GetObjectTaggingCommand({ Bucket: versioned, Key: 'a' }));
    assert.deepEqual([ofOld.TagSet, ofOld.VersionId], [[{ Key: 'k', Value: 'old' }], VersionId]);
    assert.deepEqual([ofNew.TagSet, ofNew.VersionId], [[], second.VersionId]);
  });

  it('need an object', async () => {
    const failure = await failureOf(tag([], { Key: 'nothing' }));

    assert.equal(failure.code, 'NoSuchKey');
  });
});

describe('the rights to tags', () => {
  it('are needed to put an object with tags', async () => {
    const key = await createUserWithKey(sandbox, root.acme, 'untagged', [
      { Effect: 'Allow', Action: ['s3:PutObject', 's3:GetObject'], Resource: '*' },
    ]);
    const user = s3Of(sandbox, key);
    const put = (Tagging?: string) =>
      user.send(new PutObjectCommand({ Bucket, Key: 'rights', Body: 'x', Tagging }));

    await put();
    assert.match((await failureOf(put('a=1'))).message, /s3:PutObjectTagging/);
    const started = user.send(
      new CreateMultipartUploadCommand({ Bucket, Key: 'rights', Tagging: 'a=1' }),
    );
    assert.match((await failureOf(started)).message, /s3:PutObjectTagging/);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'rights', Body: 'x', Tagging: 'a=1' }));
    const head = await user.send(new HeadObjectCommand({ Bucket, Key: 'rights' }));
    assert.equal(head.TagCount, undefined);
  });

  it('can depend on the tags that are set, and on those that are there', async () => {
    const key = await createUserWithKey(sandbox, root.acme, 'green', [
      {
        Effect: 'Allow',
        Action: ['s3:PutObject', 's3:PutObjectTagging'],
        Resource: '*',
        Condition: {
          StringEquals: { 's3:RequestObjectTag/team': 'green' },
          'ForAllValues:StringEquals': { 's3:RequestObjectTagKeys': ['team', 'level'] },
        },
      },
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:DeleteObjectTagging'],
        Resource: '*',
        Condition: { StringEquals: { 's3:ExistingObjectTag/team': 'green' } },
      },
    ]);
    const user = s3Of(sandbox, key);
    const put = (Tagging: string) =>
      user.send(new PutObjectCommand({ Bucket, Key: 'green', Body: 'x', Tagging }));
    const set = (TagSet: Tag[]) =>
      user.send(new PutObjectTaggingCommand({ Bucket, Key: 'green', Tagging: { TagSet } }));
    const get = () => user.send(new HeadObjectCommand({ Bucket, Key: 'green' }));
    const green = { Key: 'team', Value: 'green' };

    assert.equal((await failureOf(put('team=red'))).code, 'AccessDenied');
    assert.equal((await failureOf(put('team=green&other=1'))).code, 'AccessDenied');
    await put('team=green&level=1');
    await get();
    assert.equal((await failureOf(set([{ Key: 'team', Value: 'red' }]))).code, 'AccessDenied');
    assert.equal((await failureOf(set(many(11)))).code, 'AccessDenied');
    await set([green]);
    await user.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'green' }));
    assert.equal((await failureOf(get())).status, 403);
  });
});

describe('bucket tags', () => {
  it('are set, read and removed', async () => {
    const none = await failureOf(s3.send(new GetBucketTaggingCommand({ Bucket })));
    await s3.send(
      new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
    );
    const { TagSet } = await s3.send(new GetBucketTaggingCommand({ Bucket }));
    await s3.send(new DeleteBucketTaggingCommand({ Bucket }));
    const again = await failureOf(s3.send(new GetBucketTaggingCommand({ Bucket })));

    assert.deepEqual([none.status, none.code], [404, 'NoSuchTagSet']);
    assert.deepEqual(TagSet, [{ Key: 'a', Value: 'b' }]);
    assert.equal(again.code, 'NoSuchTagSet');
  });

  it('are at most fifty', async () => {
    const put = (count: number) =>
      s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: many(count) } }));

    await put(50);
    assert.equal((await failureOf(put(51))).code, 'BadRequest');
  });
});
