import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { createUserWithKey, failureOf, root, s3Of } from '../testing/clients.ts';
import { send } from '../testing/raw-request.ts';

let sandbox: Sandbox;
let s3: S3Client;
let count = 0;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  s3 = s3Of(sandbox, root.acme);
});
after(() => sandbox.close());

async function newBucket(status?: 'Enabled' | 'Suspended'): Promise<string> {
  const Bucket = `acme-versions-${++count}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  if (status) await setStatus(Bucket, status);
  return Bucket;
}

const setStatus = (Bucket: string, Status: 'Enabled' | 'Suspended') =>
  s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));

async function put(Bucket: string, Key: string, Body: string): Promise<string | undefined> {
  return (await s3.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId;
}

async function read(Bucket: string, Key: string, VersionId?: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return (await Body?.transformToString()) ?? '';
}

const drop = (Bucket: string, Key: string, VersionId?: string) =>
  s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));

/** Each version as `key id`, with `*` for the latest and `-` for a delete marker. */
async function list(Bucket: string, more: Partial<ListObjectVersionsCommandInput> = {}) {
  const page = await s3.send(new ListObjectVersionsCommand({ Bucket, ...more }));
  const versions = (page.Versions ?? []).map(({ Key, VersionId, IsLatest }) => ({
    Key,
    VersionId,
    text: `${Key} ${VersionId}${IsLatest ? ' *' : ''}`,
  }));
  const markers = (page.DeleteMarkers ?? []).map(({ Key, VersionId, IsLatest }) => ({
    Key,
    VersionId,
    text: `${Key} ${VersionId}${IsLatest ? ' *' : ''} -`,
  }));
  return {
    versions: versions.map(({ text }) => text),
    markers: markers.map(({ text }) => text),
    prefixes: page.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [],
    page,
  };
}

describe('PutBucketVersioning', () => {
  it('is unset at first, then enabled, then suspended', async () => {
    const Bucket = await newBucket();
    const status = async () => (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status;

    assert.equal(await status(), undefined);
    await setStatus(Bucket, 'Enabled');
    assert.equal(await status(), 'Enabled');
    await setStatus(Bucket, 'Suspended');
    assert.equal(await status(), 'Suspended');
  });

  it('refuses what is no status', async () => {
    const Bucket = await newBucket();
    const none = s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: {} }));
    const wrong = setStatus(Bucket, 'On' as 'Enabled');

    assert.equal((await failureOf(none)).code, 'IllegalVersioningConfigurationException');
    assert.equal((await failureOf(wrong)).code, 'MalformedXML');
  });
});

describe('a bucket with versioning', () => {
  it('keeps what is overwritten', async () => {
    const Bucket = await newBucket('Enabled');
    const first = await put(Bucket, 'a', 'one');
    const second = await put(Bucket, 'a', 'two');

    assert.ok(first && second && first !== second);
    assert.equal(await read(Bucket, 'a'), 'two');
    assert.equal(await read(Bucket, 'a', first), 'one');
    assert.deepEqual((await list(Bucket)).versions, [`a ${second} *`, `a ${first}`]);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'a' }));
    assert.equal(head.VersionId, second);
  });

  it('keeps what was there before as the version "null"', async () => {
    const Bucket = await newBucket();
    assert.equal(await put(Bucket, 'a', 'old'), undefined);
    await setStatus(Bucket, 'Enabled');
    const id = await put(Bucket, 'a', 'new');

    assert.equal(await read(Bucket, 'a', 'null'), 'old');
    assert.deepEqual((await list(Bucket)).versions, [`a ${id} *`, 'a null']);
  });

  it('hides a deleted object behind a marker, and shows it again when that is deleted', async () => {
    const Bucket = await newBucket('Enabled');
    const id = await put(Bucket, 'a', 'one');
    const marker = await drop(Bucket, 'a');

    assert.equal(marker.DeleteMarker, true);
    assert.ok(marker.VersionId && marker.VersionId !== id);
    const gone = await failureOf(read(Bucket, 'a'));
    assert.equal(gone.code, 'NoSuchKey');
    assert.equal(gone.headers['x-amz-delete-marker'], 'true');
    assert.equal(gone.headers['x-amz-version-id'], marker.VersionId);
    assert.equal(await read(Bucket, 'a', id), 'one');
    const listed = await list(Bucket);
    assert.deepEqual(listed.versions, [`a ${id}`]);
    assert.deepEqual(listed.markers, [`a ${marker.VersionId} * -`]);
    assert.equal((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount, 0);

    const back = await drop(Bucket, 'a', marker.VersionId);

    assert.deepEqual([back.DeleteMarker, back.VersionId], [true, marker.VersionId]);
    assert.equal(await read(Bucket, 'a'), 'one');
    assert.deepEqual((await list(Bucket)).versions, [`a ${id} *`]);
  });

  it('marks a key as deleted that never was', async () => {
    const Bucket = await newBucket('Enabled');

    const first = await drop(Bucket, 'never');
    const second = await drop(Bucket, 'never');

    assert.deepEqual((await list(Bucket)).markers, [
      `never ${second.VersionId} * -`,
      `never ${first.VersionId} -`,
    ]);
  });

  it('makes the version below current when the current one is deleted for good', async () => {
    const Bucket = await newBucket('Enabled');
    const ids = [];
    for (const body of ['one', 'two', 'three']) ids.push(await put(Bucket, 'a', body));

    const deleted = await drop(Bucket, 'a', ids[2]);

    assert.deepEqual([deleted.DeleteMarker, deleted.VersionId], [undefined, ids[2]]);
    assert.equal(await read(Bucket, 'a'), 'two');
    await drop(Bucket, 'a', ids[0]);
    assert.deepEqual((await list(Bucket)).versions, [`a ${ids[1]} *`]);
    await drop(Bucket, 'a', ids[1]);
    assert.equal((await failureOf(read(Bucket, 'a'))).code, 'NoSuchKey');
    assert.deepEqual((await list(Bucket)).versions, []);
  });

  it('answers that a delete marker can only be deleted', async () => {
    const Bucket = await newBucket('Enabled');
    await put(Bucket, 'a', 'one');
    const { VersionId } = await drop(Bucket, 'a');

    const got = await failureOf(read(Bucket, 'a', VersionId));
    const path = `/${Bucket}/a?versionId=${VersionId}`;
    const head = await send(sandbox, { method: 'HEAD', path, credentials: root.acme });

    assert.deepEqual([got.status, got.code], [405, 'MethodNotAllowed']);
    assert.equal(got.headers['allow'], 'DELETE');
    assert.equal(head.status, 405);
    assert.equal(head.headers['x-amz-delete-marker'], 'true');
    assert.ok(head.headers['last-modified']);
  });

  it('tells a version that is not there from an id that is none', async () => {
    const Bucket = await newBucket('Enabled');
    await put(Bucket, 'a', 'one');

    const missing = await failureOf(read(Bucket, 'a', 'x'.repeat(32)));
    const wrong = await failureOf(read(Bucket, 'a', 'wrong'));
    const empty = await send(sandbox, {
      path: `/${Bucket}/a?versionId=`,
      credentials: root.acme,
    });

    assert.deepEqual([missing.status, missing.code], [404, 'NoSuchVersion']);
    assert.deepEqual([wrong.status, wrong.code], [400, 'InvalidArgument']);
    assert.equal(wrong.message, 'Invalid version id specified');
    assert.match(empty.body, /Version id cannot be the empty string/);
    const deleted = await drop(Bucket, 'a', 'x'.repeat(32));
    assert.equal(deleted.VersionId, 'x'.repeat(32));
    assert.equal(await read(Bucket, 'a'), 'one');
  });

  it('gives an object of parts its version, also when its completion is repeated', async () => {
    const Bucket = await newBucket('Enabled');
    const one = await put(Bucket, 'a', 'one');
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'a' }));
    const { ETag } = await s3.send(
      new UploadPartCommand({ Bucket, Key: 'a', UploadId, PartNumber: 1, Body: 'two' }),
    );
    const complete = () =>
      s3.send(
        new CompleteMultipartUploadCommand({
          Bucket,
          Key: 'a',
          UploadId,
          MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
        }),
      );

    const first = await complete();
    const again = await complete();

    assert.ok(first.VersionId);
    assert.equal(again.VersionId, first.VersionId);
    assert.deepEqual((await list(Bucket)).versions, [`a ${first.VersionId} *`, `a ${one}`]);
  });

  it('deletes many at once, keys and versions', async () => {
    const Bucket = await newBucket('Enabled');
    const a = await put(Bucket, 'a', 'one');
    const b = await put(Bucket, 'b', 'one');
    const marker = (await drop(Bucket, 'c')).VersionId;

    const { Deleted, Errors } = await s3.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: {
          Objects: [
            { Key: 'a' },
            { Key: 'b', VersionId: b },
            { Key: 'c', VersionId: marker },
            { Key: 'd', VersionId: 'wrong' },
          ],
        },
      }),
    );

    assert.equal(Deleted?.[0]?.DeleteMarker, true);
    const made = Deleted?.[0]?.DeleteMarkerVersionId;
    assert.deepEqual(Deleted?.slice(1), [
      { Key: 'b', VersionId: b },
      { Key: 'c', VersionId: marker, DeleteMarker: true, DeleteMarkerVersionId: marker },
    ]);
    assert.deepEqual(
      Errors?.map(({ Key, Code }) => [Key, Code]),
      [['d', 'NoSuchVersion']],
    );
    const left = await list(Bucket);
    assert.deepEqual([left.versions, left.markers], [[`a ${a}`], [`a ${made} * -`]]);
  });

  it('is not empty while versions or markers are left', async () => {
    const Bucket = await newBucket('Enabled');
    const marker = (await drop(Bucket, 'a')).VersionId;

    const failure = await failureOf(s3.send(new DeleteBucketCommand({ Bucket })));
    await drop(Bucket, 'a', marker);

    assert.deepEqual([failure.status, failure.code], [409, 'BucketNotEmpty']);
    assert.match(failure.message, /You must delete all versions in the bucket/);
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });
});

describe('a bucket whose versioning is suspended', () => {
  it('replaces the version "null" and keeps the others', async () => {
    const Bucket = await newBucket('Enabled');
    const id = await put(Bucket, 'a', 'kept');
    await setStatus(Bucket, 'Suspended');
    assert.equal(await put(Bucket, 'a', 'first null'), 'null');
    await put(Bucket, 'a', 'second null');

    assert.equal(await read(Bucket, 'a'), 'second null');
    assert.deepEqual((await list(Bucket)).versions, ['a null *', `a ${id}`]);

    await setStatus(Bucket, 'Enabled');
    const newest = await put(Bucket, 'a', 'newest');
    await setStatus(Bucket, 'Suspended');
    await put(Bucket, 'a', 'third null');
    assert.equal(await read(Bucket, 'a', 'null'), 'third null');
    assert.deepEqual((await list(Bucket)).versions, ['a null *', `a ${newest}`, `a ${id}`]);
  });

  it('puts a delete marker in place of the version "null"', async () => {
    const Bucket = await newBucket('Enabled');
    const id = await put(Bucket, 'a', 'kept');
    await setStatus(Bucket, 'Suspended');
    await put(Bucket, 'a', 'lost');

    const { DeleteMarker, VersionId } = await drop(Bucket, 'a');
    await drop(Bucket, 'a');

    assert.deepEqual([DeleteMarker, VersionId], [true, 'null']);
    const listed = await list(Bucket);
    assert.deepEqual([listed.versions, listed.markers], [[`a ${id}`], ['a null * -']]);
    await put(Bucket, 'a', 'again');
    const after = await list(Bucket);
    assert.deepEqual([after.versions, after.markers], [['a null *', `a ${id}`], []]);
  });
});

describe('ListObjectVersions', () => {
  it('lists objects of a bucket without versioning as versions "null"', async () => {
    const Bucket = await newBucket();
    await put(Bucket, 'a', 'one');

    assert.deepEqual((await list(Bucket)).versions, ['a null *']);
  });

  it('pages through versions, markers and common prefixes, each once', async () => {
    const Bucket = await newBucket('Enabled');
    const keys = ['a', 'a\0', 'a/1', 'a/2', 'b', 'b/x', 'é', '\u{1f600}'];
    for (const key of keys) {
      for (const body of ['one', 'two']) await put(Bucket, key, body);
      await drop(Bucket, key);
    }
    const whole = await list(Bucket);
    const all = [...whole.versions, ...whole.markers].sort();
    assert.equal(all.length, 3 * keys.length);
    assert.deepEqual(
      [...new Set(whole.page.DeleteMarkers?.map(({ Key }) => Key))],
      [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );

    for (const MaxKeys of [1, 2, 5]) {
      const found: string[] = [];
      let markers: Partial<ListObjectVersionsCommandInput> = {};
      for (;;) {
        const { versions, markers: deleted, page } = await list(Bucket, { MaxKeys, ...markers });
        found.push(...versions, ...deleted);
        assert.ok(versions.length + deleted.length <= MaxKeys);
        if (!page.IsTruncated) break;
        markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      }
      assert.deepEqual(found.sort(), all);
    }
  });

  it('goes on after versions that were deleted since they were listed', async () => {
    const Bucket = await newBucket('Enabled');
    for (const key of ['a', 'b']) {
      for (let version = 0; version < 5; version++) await put(Bucket, key, 'x');
    }
    let markers: Partial<ListObjectVersionsCommandInput> = {};
    for (;;) {
      const { page } = await list(Bucket, { MaxKeys: 3, ...markers });
      for (const { Key, VersionId } of page.Versions ?? [])
        await drop(Bucket, Key ?? '', VersionId);
      if (!page.IsTruncated) break;
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }

    assert.deepEqual((await list(Bucket)).versions, []);
  });

  it('rolls up what a delimiter parts, and goes on after a common prefix', async () => {
    const Bucket = await newBucket('Enabled');
    for (const key of ['a/1', 'a/2', 'b', 'c/1']) await put(Bucket, key, 'x');
    await drop(Bucket, 'c/1');

    const first = await list(Bucket, { Delimiter: '/', MaxKeys: 1 });
    const rest = await list(Bucket, { Delimiter: '/', KeyMarker: first.page.NextKeyMarker });

    assert.deepEqual([first.prefixes, first.page.IsTruncated], [['a/'], true]);
    assert.equal(first.page.NextVersionIdMarker, undefined);
    assert.deepEqual(rest.prefixes, ['c/']);
    assert.equal(rest.versions.length, 1);
    assert.equal((await list(Bucket, { Prefix: 'a/' })).versions.length, 2);
  });

  it('refuses markers that make no sense', async () => {
    const Bucket = await newBucket('Enabled');

    const alone = await failureOf(list(Bucket, { VersionIdMarker: 'x'.repeat(32) }));

    assert.equal(alone.code, 'InvalidArgument');
    assert.match(alone.message, /without a key marker/);
  });
});

describe('versions on disk', () => {
  it('are there after a start anew, older ones and copies, too', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'sandbox-versions-'));
    const Bucket = 'acme-kept';
    const first = await startSandbox({ port: 0, dataDir });
    const before = s3Of(first, root.acme);
    await before.send(new CreateBucketCommand({ Bucket }));
    await before.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    const send = (Body: string) => before.send(new PutObjectCommand({ Bucket, Key: 'a', Body }));
    const { VersionId } = await send('one');
    await before.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'copy',
        CopySource: `${Bucket}/a?versionId=${VersionId}`,
      }),
    );
    await send('two');
    await before.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    await first.close();

    const second = await startSandbox({ port: 0, dataDir });
    const after = s3Of(second, root.acme);
    const readAgain = async (Key: string, id?: string) =>
      (
        await after.send(new GetObjectCommand({ Bucket, Key, VersionId: id }))
      ).Body?.transformToString();
    assert.equal(await readAgain('a', VersionId), 'one');
    assert.equal(await readAgain('copy'), 'one');
    assert.equal((await failureOf(readAgain('a'))).headers['x-amz-delete-marker'], 'true');
    await second.close();
    rmSync(dataDir, { recursive: true });
  });
});

describe('the rights to versions', () => {
  it('are their own', async () => {
    const Bucket = await newBucket('Enabled');
    const id = await put(Bucket, 'a', 'one');
    const plain = await createUserWithKey(sandbox, root.acme, 'plain', [
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:DeleteObject', 's3:ListBucket'],
        Resource: '*',
      },
    ]);
    const one = await createUserWithKey(sandbox, root.acme, 'one', [
      {
        Effect: 'Allow',
        Action: ['s3:GetObjectVersion', 's3:DeleteObjectVersion', 's3:ListBucketVersions'],
        Resource: '*',
        Condition: { StringLikeIfExists: { 's3:VersionId': id } },
      },
    ]);
    const as = (credentials: typeof plain) => s3Of(sandbox, credentials);
    const get = (VersionId?: string) => new GetObjectCommand({ Bucket, Key: 'a', VersionId });

    const refused = await failureOf(as(plain).send(get(id)));
    const undeleted = await failureOf(
      as(plain).send(new DeleteObjectCommand({ Bucket, Key: 'a', VersionId: id })),
    );
    const unlisted = await failureOf(as(plain).send(new ListObjectVersionsCommand({ Bucket })));
    await as(plain).send(get());
    await as(one).send(get(id));
    await as(one).send(new ListObjectVersionsCommand({ Bucket }));
    const other = await failureOf(as(one).send(get('x'.repeat(32))));
    const current = await failureOf(as(one).send(get()));

    assert.match(refused.message, /not authorized to perform: s3:GetObjectVersion on resource/);
    assert.match(undeleted.message, /s3:DeleteObjectVersion/);
    assert.match(unlisted.message, /s3:ListBucketVersions/);
    assert.match(other.message, /s3:GetObjectVersion/);
    assert.match(current.message, /s3:GetObject on/);
  });
});
