import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { failureOf, root, s3Of } from '../testing/clients.ts';

const Bucket = 'acme-data';
const keys = [
  'a',
  'a/1',
  'a/2',
  'a/b/1',
  'a/b/2',
  'b',
  'b&<c>',
  'b c',
  'c/1',
  'c/2',
  'é',
  '\u{ffff}',
  '\u{1f600}',
];
const byBytes = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
let sandbox: Sandbox;
let s3: S3Client;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  s3 = s3Of(sandbox, root.acme);
  for (const name of [Bucket, 'acme-data-2'])
    await s3.send(new CreateBucketCommand({ Bucket: name }));
  for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  await s3.send(new PutObjectCommand({ Bucket: 'acme-data-2', Key: 'other', Body: 'x' }));
});
after(() => sandbox.close());

async function list(more: Partial<ListObjectsV2CommandInput>) {
  const page = await s3.send(new ListObjectsV2Command({ Bucket, ...more }));
  return {
    keys: page.Contents?.map(({ Key }) => Key) ?? [],
    prefixes: page.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [],
    page,
  };
}

describe('ListObjectsV2', () => {
  it('lists keys in the order of their UTF-8 bytes', async () => {
    const found = await list({});

    assert.deepEqual(found.keys, byBytes);
    assert.equal(found.page.KeyCount, keys.length);
    assert.equal(found.page.IsTruncated, false);
    assert.equal(found.page.Contents?.[0]?.Size, 1);
  });

  it('lists what is under a prefix', async () => {
    assert.deepEqual((await list({ Prefix: 'a/' })).keys, ['a/1', 'a/2', 'a/b/1', 'a/b/2']);
    assert.deepEqual((await list({ Prefix: 'zzz' })).keys, []);
  });

  it('rolls up what a delimiter parts', async () => {
    const top = await list({ Delimiter: '/' });
    const inner = await list({ Prefix: 'a/', Delimiter: '/' });

    assert.deepEqual(top.prefixes, ['a/', 'c/']);
    assert.deepEqual(
      top.keys,
      byBytes.filter((key) => !key.includes('/')),
    );
    assert.deepEqual(inner.keys, ['a/1', 'a/2']);
    assert.deepEqual(inner.prefixes, ['a/b/']);
  });

  it('gives every key once, however small the pages', async () => {
    for (const pageSize of [1, 2, 5]) {
      const seen: (string | undefined)[] = [];
      for await (const page of paginateListObjectsV2({ client: s3, pageSize }, { Bucket })) {
        seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
      }
      assert.deepEqual(seen, byBytes);
    }
  });

  it('gives every common prefix once, however small the pages', async () => {
    const seen: (string | undefined)[] = [];
    for await (const page of paginateListObjectsV2(
      { client: s3, pageSize: 1 },
      { Bucket, Delimiter: '/' },
    )) {
      assert.equal(page.KeyCount, 1);
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
      seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
    }
    assert.deepEqual(
      seen,
      [...(await list({ Delimiter: '/' })).keys, 'a/', 'c/'].sort((a, b) =>
        Buffer.compare(Buffer.from(a ?? ''), Buffer.from(b ?? '')),
      ),
    );
  });

  it('starts after a key, whether it exists or not', async () => {
    assert.deepEqual((await list({ StartAfter: 'a/2', Prefix: 'a/' })).keys, ['a/b/1', 'a/b/2']);
    assert.deepEqual((await list({ StartAfter: 'a/15', Prefix: 'a/' })).keys, [
      'a/2',
      'a/b/1',
      'a/b/2',
    ]);
  });

  it('encodes keys when asked to', async () => {
    const { keys: encoded } = await list({ EncodingType: 'url', Prefix: 'b' });

    assert.deepEqual(encoded, ['b', 'b+c', 'b%26%3Cc%3E']);
  });

  it('refuses what makes no sense', async () => {
    const refused = [
      { ContinuationToken: 'nonsense' },
      { MaxKeys: -1 },
      { EncodingType: 'xml' as 'url' },
    ];
    for (const more of refused) {
      assert.equal((await failureOf(list(more))).code, 'InvalidArgument');
    }
    assert.deepEqual((await list({ MaxKeys: 0 })).page.IsTruncated, false);
  });
});

describe('ListObjects', () => {
  it('lists page by page, by marker', async () => {
    const seen: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsCommand({ Bucket, Delimiter: '/', MaxKeys: 2, ...(Marker && { Marker }) }),
      );
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
      seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
      Marker = page.NextMarker;
    } while (Marker);

    assert.equal(seen.length, new Set(seen).size);
    assert.equal(seen.length, byBytes.filter((key) => !key.includes('/')).length + 2);
  });
});
