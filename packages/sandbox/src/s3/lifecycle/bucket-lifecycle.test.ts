import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketLifecycleCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  RestoreObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../../start-sandbox.ts';
import { createUserWithKey, failureOf, root, s3Of } from '../../testing/clients.ts';

const day = 24 * 60 * 60 * 1000;
let sandbox: Sandbox;
let s3: S3Client;
let count = 0;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  s3 = s3Of(sandbox, root.acme);
});
after(() => sandbox.close());

async function newBucket(rules: LifecycleRule[] = [], versioned = false): Promise<string> {
  const Bucket = `acme-lifecycle-${++count}`;
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: versioned }));
  if (rules.length > 0) await configure(Bucket, ...rules);
  return Bucket;
}

const configure = (Bucket: string, ...Rules: LifecycleRule[]) =>
  s3.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }),
  );

/** A rule about everything. */
const rule = (more: Partial<LifecycleRule>): LifecycleRule => ({
  ID: 'rule',
  Status: 'Enabled',
  Filter: {},
  ...more,
});

const put = (Bucket: string, Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more }));

const head = (Bucket: string, Key: string) => s3.send(new HeadObjectCommand({ Bucket, Key }));

async function keysOf(Bucket: string) {
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents?.map(({ Key }) => Key) ?? [];
}

async function versionsOf(Bucket: string) {
  const page = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  return {
    versions: page.Versions?.map(({ VersionId }) => VersionId) ?? [],
    markers: page.DeleteMarkers ?? [],
  };
}

const advance = (days: number) => sandbox.clock.advance(days * day);

describe('PutBucketLifecycleConfiguration', () => {
  it('keeps rules of every kind as they were sent', async () => {
    const Bucket = await newBucket();
    const rules: LifecycleRule[] = [
      {
        ID: 'all',
        Status: 'Enabled',
        Filter: { Prefix: 'logs/' },
        Transitions: [
          { Days: 30, StorageClass: 'STANDARD_IA' },
          { Days: 60, StorageClass: 'GLACIER' },
        ],
        Expiration: { Days: 90 },
        NoncurrentVersionTransitions: [{ NoncurrentDays: 30, StorageClass: 'STANDARD_IA' }],
        NoncurrentVersionExpiration: { NoncurrentDays: 40, NewerNoncurrentVersions: 3 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      },
      {
        ID: 'and',
        Status: 'Disabled',
        Filter: {
          And: {
            Prefix: 'a/',
            Tags: [
              { Key: 'team', Value: 'blue' },
              { Key: 'level', Value: '1' },
            ],
            ObjectSizeGreaterThan: 1,
            ObjectSizeLessThan: 100,
          },
        },
        Expiration: { Date: new Date('2030-01-01T00:00:00Z') },
      },
      {
        ID: 'tag',
        Status: 'Enabled',
        Filter: { Tag: { Key: 'a', Value: 'b' } },
        Expiration: { Days: 1 },
      },
      {
        ID: 'old',
        Status: 'Enabled',
        Prefix: 'p',
        Expiration: { ExpiredObjectDeleteMarker: true },
      },
    ];

    const sent = await configure(Bucket, ...rules);
    const found = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));

    assert.deepEqual(found.Rules, rules);
    assert.equal(sent.TransitionDefaultMinimumObjectSize, 'all_storage_classes_128K');
    assert.equal(found.TransitionDefaultMinimumObjectSize, 'all_storage_classes_128K');
    await s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
    const none = await failureOf(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })));
    assert.deepEqual([none.status, none.code], [404, 'NoSuchLifecycleConfiguration']);
  });

  it('gives rules without an id one', async () => {
    const Bucket = await newBucket();
    const { ID: _none, ...bare } = rule({ Expiration: { Days: 1 } });

    await configure(Bucket, bare);

    const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    assert.ok(Rules?.[0]?.ID);
  });

  it('refuses what S3 refuses, in its words', async () => {
    const Bucket = await newBucket();
    const tagged = { Filter: { Tag: { Key: 'a', Value: 'b' } } };
    const midday = new Date('2030-01-01T12:00:00Z');
    const cases: [LifecycleRule[], string, RegExp][] = [
      [[rule({})], 'InvalidRequest', /At least one action needs to be specified in a rule/],
      [[rule({ Status: 'On' as 'Enabled', Expiration: { Days: 1 } })], 'MalformedXML', /XML/],
      [[rule({ Filter: undefined, Expiration: { Days: 1 } })], 'MalformedXML', /XML/],
      [[rule({ Prefix: 'a', Expiration: { Days: 1 } })], 'MalformedXML', /XML/],
      [[rule({ Expiration: {} })], 'MalformedXML', /XML/],
      [[rule({ Expiration: { Days: 1, Date: midday } })], 'MalformedXML', /XML/],
      [
        [rule({ Expiration: { Days: 0 } })],
        'InvalidArgument',
        /'Days' for Expiration action must be a positive integer/,
      ],
      [
        [rule({ Expiration: { Date: midday } })],
        'InvalidArgument',
        /'Date' must be at midnight GMT/,
      ],
      [
        [rule({ Expiration: { Days: 1 } }), rule({ Expiration: { Days: 2 } })],
        'InvalidArgument',
        /Rule ID must be unique/,
      ],
      [
        [rule({ ID: 'x'.repeat(256), Expiration: { Days: 1 } })],
        'InvalidArgument',
        /ID length should not exceed allowed limit of 255/,
      ],
      [
        [rule({ Transitions: [{ Days: 10, StorageClass: 'STANDARD_IA' }] })],
        'InvalidArgument',
        /greater than or equal to 30 for storageClass 'STANDARD_IA'/,
      ],
      [
        [rule({ Transitions: [{ Days: 10, StorageClass: 'GLACIER' }], Expiration: { Days: 10 } })],
        'InvalidArgument',
        /'Days' in the Expiration action .* must be greater than 'Days' in the Transition action/,
      ],
      [
        [
          rule({
            Transitions: [{ Days: 10, StorageClass: 'GLACIER' }],
            Expiration: { Date: new Date('2030-01-01T00:00:00Z') },
          }),
        ],
        'InvalidRequest',
        /Found mixed 'Date' and 'Days'/,
      ],
      [
        [rule({ Transitions: [{ Days: 1, StorageClass: 'STANDARD' as 'GLACIER' }] })],
        'MalformedXML',
        /XML/,
      ],
      [
        [rule({ ...tagged, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } })],
        'InvalidRequest',
        /AbortIncompleteMultipartUpload cannot be specified with Tags/,
      ],
      [
        [rule({ ...tagged, Expiration: { ExpiredObjectDeleteMarker: true } })],
        'InvalidRequest',
        /ExpiredObjectDeleteMarker cannot be specified with Tags/,
      ],
    ];

    for (const [rules, code, message] of cases) {
      const failure = await failureOf(configure(Bucket, ...rules));
      assert.deepEqual([failure.status, failure.code], [400, code], failure.message);
      assert.match(failure.message, message);
    }
  });

  it('takes a right of its own', async () => {
    const Bucket = await newBucket();
    const key = await createUserWithKey(sandbox, root.acme, 'reader', [
      { Effect: 'Allow', Action: ['s3:GetLifecycleConfiguration'], Resource: '*' },
    ]);
    const user = s3Of(sandbox, key);

    const read = await failureOf(user.send(new GetBucketLifecycleConfigurationCommand({ Bucket })));
    const write = await failureOf(user.send(new DeleteBucketLifecycleCommand({ Bucket })));

    assert.equal(read.code, 'NoSuchLifecycleConfiguration');
    assert.match(write.message, /perform: s3:PutLifecycleConfiguration/);
  });
});

describe('lifecycle rules', () => {
  it('expire what their filter is about, at a midnight, and say so before', async () => {
    const Bucket = await newBucket([
      rule({ ID: 'logs & more', Filter: { Prefix: 'logs/' }, Expiration: { Days: 2 } }),
      rule({ ID: 'tag', Filter: { Tag: { Key: 'keep', Value: 'no' } }, Expiration: { Days: 5 } }),
      rule({ ID: 'big', Filter: { ObjectSizeGreaterThan: 10 }, Expiration: { Days: 8 } }),
      rule({ ID: 'off', Status: 'Disabled', Expiration: { Days: 1 } }),
    ]);
    const said = await put(Bucket, 'logs/a', { Tagging: 'keep=no' });
    await put(Bucket, 'b', { Tagging: 'keep=no' });
    await put(Bucket, 'c', { Body: 'more than ten' });
    await put(Bucket, 'd');

    const [, date = '', id] =
      /^expiry-date="([^"]+)", rule-id="([^"]+)"$/.exec(said.Expiration ?? '') ?? [];
    const due = new Date(date).getTime();
    assert.equal(id, 'logs%20%26%20more');
    assert.equal(due % day, 0);
    assert.ok(due - sandbox.clock.now().getTime() <= 3 * day);
    assert.ok(due - sandbox.clock.now().getTime() > 2 * day - 60_000);
    assert.equal((await head(Bucket, 'logs/a')).Expiration, said.Expiration);
    assert.equal((await head(Bucket, 'd')).Expiration, undefined);
    await sandbox.clock.set(new Date(due - 1000));
    assert.equal((await keysOf(Bucket)).length, 4);
    await sandbox.clock.set(new Date(due));
    assert.deepEqual(await keysOf(Bucket), ['b', 'c', 'd']);
    await advance(3);
    assert.deepEqual(await keysOf(Bucket), ['c', 'd']);
    await advance(300);
    assert.deepEqual(await keysOf(Bucket), ['d']);
  });

  it('hide a versioned object by a marker of the day on which it expired', async () => {
    const Bucket = await newBucket([rule({ Expiration: { Days: 1 } })], true);
    const { VersionId } = await put(Bucket, 'a');
    const before = sandbox.clock.now().getTime();

    await advance(100);

    const { versions, markers } = await versionsOf(Bucket);
    assert.deepEqual(versions, [VersionId]);
    assert.equal(markers.length, 1);
    assert.ok((markers[0]?.LastModified?.getTime() ?? 0) - before <= 2 * day);
  });

  it('remove noncurrent versions, but the newest and the locked ones', async () => {
    const Bucket = await newBucket(
      [
        rule({
          NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 1 },
        }),
      ],
      true,
    );
    const ids = [];
    for (const hold of ['ON', 'OFF', 'OFF', 'OFF'] as const) {
      ids.push((await put(Bucket, 'a', { ObjectLockLegalHoldStatus: hold })).VersionId);
    }
    const [locked, , newestNoncurrent, current] = ids;

    await advance(3);

    assert.deepEqual((await versionsOf(Bucket)).versions, [current, newestNoncurrent, locked]);
  });

  it('leave nothing of an object that expired long ago', async () => {
    const Bucket = await newBucket(
      [
        rule({
          Expiration: { Days: 1 },
          NoncurrentVersionExpiration: { NoncurrentDays: 1 },
        }),
      ],
      true,
    );
    await put(Bucket, 'a');
    await put(Bucket, 'a');

    await advance(100);

    assert.deepEqual(await versionsOf(Bucket), { versions: [], markers: [] });
  });

  it('remove delete markers that hide nothing, and no others', async () => {
    const Bucket = await newBucket(
      [rule({ Expiration: { ExpiredObjectDeleteMarker: true } })],
      true,
    );
    for (const Key of ['bare', 'hiding']) {
      if (Key === 'hiding') await put(Bucket, Key);
      await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    }

    await advance(1);

    const { markers } = await versionsOf(Bucket);
    assert.deepEqual(
      markers.map(({ Key }) => Key),
      ['hiding'],
    );
  });

  it('move objects down the storage classes, unless they are small', async () => {
    const Bucket = await newBucket([
      rule({
        Transitions: [
          { Days: 30, StorageClass: 'STANDARD_IA' },
          { Days: 60, StorageClass: 'GLACIER' },
        ],
      }),
    ]);
    await put(Bucket, 'large', { Body: Buffer.alloc(128 * 1024) });
    await put(Bucket, 'small');
    const classOf = async (Key: string) => (await head(Bucket, Key)).StorageClass;

    await advance(31);
    assert.deepEqual([await classOf('large'), await classOf('small')], ['STANDARD_IA', undefined]);
    await advance(31);
    assert.deepEqual([await classOf('large'), await classOf('small')], ['GLACIER', undefined]);

    const get = () => s3.send(new GetObjectCommand({ Bucket, Key: 'large' }));
    const frozen = await failureOf(get());
    assert.deepEqual([frozen.status, frozen.code], [403, 'InvalidObjectState']);
    const restore = (Key: string) =>
      s3.send(new RestoreObjectCommand({ Bucket, Key, RestoreRequest: { Days: 2 } }));
    assert.equal((await restore('large')).$metadata.httpStatusCode, 202);
    assert.match(
      (await head(Bucket, 'large')).Restore ?? '',
      /ongoing-request="false", expiry-date=/,
    );
    await (await get()).Body?.transformToByteArray();
    assert.equal((await restore('large')).$metadata.httpStatusCode, 200);
    assert.equal((await failureOf(restore('small'))).code, 'InvalidObjectState');
    await advance(4);
    assert.equal((await failureOf(get())).code, 'InvalidObjectState');
  });

  it('abort uploads that nobody completes, and say when', async () => {
    const Bucket = await newBucket([
      rule({
        ID: 'abort',
        Filter: { Prefix: 'a' },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
      }),
    ]);
    const start = (Key: string) => s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const started = await start('a');
    const other = await start('b');
    const { UploadId } = started;
    const listed = await s3.send(new ListPartsCommand({ Bucket, Key: 'a', UploadId }));

    assert.equal(started.AbortRuleId, 'abort');
    assert.ok(started.AbortDate);
    assert.deepEqual(listed.AbortDate, started.AbortDate);
    assert.equal(other.AbortDate, undefined);
    await advance(4);
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    assert.deepEqual(
      Uploads?.map(({ Key }) => Key),
      ['b'],
    );
  });

  it('treat the versions of a suspended bucket as a deletion would', async () => {
    const Bucket = await newBucket([rule({ Expiration: { Days: 1 } })]);
    const status = (Status: 'Enabled' | 'Suspended') =>
      s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
    await status('Enabled');
    const { VersionId } = await put(Bucket, 'a');
    await status('Suspended');
    await put(Bucket, 'a');

    await advance(3);

    const { versions, markers } = await versionsOf(Bucket);
    assert.deepEqual(versions, [VersionId]);
    assert.deepEqual(
      markers.map((marker) => [marker.VersionId, marker.IsLatest]),
      [['null', true]],
    );
  });
});
