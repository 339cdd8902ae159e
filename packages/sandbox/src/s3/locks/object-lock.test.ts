import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../../start-sandbox.ts';
import { createUserWithKey, failureOf, root, s3Of } from '../../testing/clients.ts';

const Bucket = 'acme-locked';
const plain = 'acme-unlocked';
const day = 24 * 60 * 60 * 1000;
let sandbox: Sandbox;
let s3: S3Client;
let count = 0;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  s3 = s3Of(sandbox, root.acme);
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  await s3.send(new CreateBucketCommand({ Bucket: plain }));
});
after(() => sandbox.close());

/** S3 keeps whole seconds. */
const begun = Math.floor(Date.now() / 1000) * 1000;
const inDays = (days: number) => new Date(begun + days * day);

interface Version {
  readonly Key: string;
  readonly VersionId: string | undefined;
}

async function put(more: Partial<PutObjectCommandInput> = {}): Promise<Version> {
  const Key = `k${++count}`;
  const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more }));
  return { Key, VersionId };
}

const retain = (version: Version, mode: string, days: number, bypass?: boolean) =>
  s3.send(
    new PutObjectRetentionCommand({
      Bucket,
      ...version,
      Retention: { Mode: mode as 'GOVERNANCE', RetainUntilDate: inDays(days) },
      BypassGovernanceRetention: bypass,
    }),
  );

const drop = (version: Version, BypassGovernanceRetention?: boolean, client = s3) =>
  client.send(new DeleteObjectCommand({ Bucket, ...version, BypassGovernanceRetention }));

async function mustBeLocked(sent: Promise<unknown>): Promise<void> {
  const failure = await failureOf(sent);
  assert.deepEqual([failure.status, failure.code], [403, 'AccessDenied']);
  assert.equal(failure.message, 'Access Denied because object protected by object lock.');
}

async function advance(days: number): Promise<void> {
  const answer = await fetch(`${sandbox.url}/_sandbox/clock`, {
    method: 'POST',
    body: JSON.stringify({ advanceSeconds: (days * day) / 1000 }),
  });
  assert.equal(answer.status, 200);
}

describe('a bucket with object lock', () => {
  it('has versions, and keeps them', async () => {
    const { ObjectLockConfiguration: found } = await s3.send(
      new GetObjectLockConfigurationCommand({ Bucket }),
    );
    const suspended = await failureOf(
      s3.send(
        new PutBucketVersioningCommand({
          Bucket,
          VersioningConfiguration: { Status: 'Suspended' },
        }),
      ),
    );

    assert.deepEqual(found, { ObjectLockEnabled: 'Enabled' });
    assert.deepEqual([suspended.status, suspended.code], [409, 'InvalidBucketState']);
    assert.ok((await put()).VersionId);
  });

  it('gives objects its default retention, unless they bring their own', async () => {
    const name = 'acme-default-lock';
    await s3.send(new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: true }));
    const configure = (DefaultRetention: object) =>
      s3.send(
        new PutObjectLockConfigurationCommand({
          Bucket: name,
          ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } },
        }),
      );
    await configure({ Mode: 'GOVERNANCE', Days: 2 });

    const byDefault = await put({ Bucket: name });
    const until = inDays(9);
    const own = await put({
      Bucket: name,
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: until,
    });

    const head = (version: Version) => s3.send(new HeadObjectCommand({ Bucket: name, ...version }));
    const first = await head(byDefault);
    assert.equal(first.ObjectLockMode, 'GOVERNANCE');
    const remaining = (first.ObjectLockRetainUntilDate?.getTime() ?? 0) - Date.now();
    assert.ok(Math.abs(remaining - 2 * day) < day / 24);
    const second = await head(own);
    assert.deepEqual(
      [second.ObjectLockMode, second.ObjectLockRetainUntilDate],
      ['COMPLIANCE', until],
    );
    for (const wrong of [{ Days: 0 }, { Days: 36_501 }, { Years: 101 }]) {
      const failure = await failureOf(configure({ Mode: 'GOVERNANCE', ...wrong }));
      assert.equal(failure.code, 'InvalidArgument');
    }
    for (const wrong of [{ Days: 1, Years: 1 }, {}]) {
      const failure = await failureOf(configure({ Mode: 'GOVERNANCE', ...wrong }));
      assert.equal(failure.code, 'MalformedXML');
    }
  });

  it('can be made of one that has versions', async () => {
    const configure = () =>
      s3.send(
        new PutObjectLockConfigurationCommand({
          Bucket: plain,
          ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' },
        }),
      );
    const none = await failureOf(s3.send(new GetObjectLockConfigurationCommand({ Bucket: plain })));
    const early = await failureOf(configure());

    assert.deepEqual([none.status, none.code], [404, 'ObjectLockConfigurationNotFoundError']);
    assert.deepEqual([early.status, early.code], [409, 'InvalidBucketState']);
    const unlocked = await failureOf(
      put({ Bucket: plain, ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(1) }),
    );
    assert.deepEqual(
      [unlocked.code, unlocked.message],
      ['InvalidRequest', 'Bucket is missing Object Lock Configuration'],
    );
    await s3.send(
      new PutBucketVersioningCommand({
        Bucket: plain,
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    );
    await configure();
    await put({ Bucket: plain, ObjectLockLegalHoldStatus: 'ON' });
  });
});

describe('retention', () => {
  it('keeps a version from being deleted, and lets it be hidden', async () => {
    const version = await put();
    await retain(version, 'COMPLIANCE', 1);

    await mustBeLocked(drop(version));
    await mustBeLocked(drop(version, true));
    const { DeleteMarker, VersionId } = await drop({ Key: version.Key, VersionId: undefined });
    assert.equal(DeleteMarker, true);
    await drop({ Key: version.Key, VersionId });
    await s3.send(new HeadObjectCommand({ Bucket, Key: version.Key }));
    const { Errors, Deleted } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [version] } }),
    );
    assert.deepEqual([Errors?.[0]?.Code, Deleted], ['AccessDenied', undefined]);
  });

  it('in mode COMPLIANCE can only be prolonged', async () => {
    const version = await put();
    await retain(version, 'COMPLIANCE', 3);

    await mustBeLocked(retain(version, 'COMPLIANCE', 2, true));
    await mustBeLocked(retain(version, 'GOVERNANCE', 4, true));
    await retain(version, 'COMPLIANCE', 4);

    const { Retention } = await s3.send(new GetObjectRetentionCommand({ Bucket, ...version }));
    assert.deepEqual(Retention, { Mode: 'COMPLIANCE', RetainUntilDate: inDays(4) });
  });

  it('in mode GOVERNANCE is passed over by those who may, and say so', async () => {
    const version = await put();
    await retain(version, 'GOVERNANCE', 3);
    const user = s3Of(
      sandbox,
      await createUserWithKey(sandbox, root.acme, 'nearly', [
        { Effect: 'Allow', Action: 's3:*', Resource: '*' },
        { Effect: 'Deny', Action: 's3:BypassGovernanceRetention', Resource: '*' },
      ]),
    );

    await mustBeLocked(retain(version, 'GOVERNANCE', 2));
    await mustBeLocked(drop(version));
    const refused = await failureOf(drop(version, true, user));
    assert.match(refused.message, /s3:BypassGovernanceRetention .*explicit deny/);
    await retain(version, 'GOVERNANCE', 2, true);
    await drop(version, true);
  });

  it('ends when its date has come, by the clock of the sandbox', async () => {
    const version = await put();
    await retain(version, 'COMPLIANCE', 5);

    await mustBeLocked(drop(version));
    await advance(6);
    await drop(version);
  });

  it('must be for the future, in a mode that there is', async () => {
    const version = await put();

    const past = await failureOf(retain(version, 'GOVERNANCE', -1));
    const mode = await failureOf(retain(version, 'FOREVER', 100));
    const half = await failureOf(put({ ObjectLockMode: 'GOVERNANCE' }));
    const none = await failureOf(s3.send(new GetObjectRetentionCommand({ Bucket, ...version })));

    assert.deepEqual(
      [past.code, past.message],
      ['InvalidArgument', 'The retain until date must be in the future!'],
    );
    assert.equal(mode.code, 'MalformedXML');
    assert.match(half.message, /must both be supplied/);
    assert.deepEqual([none.status, none.code], [404, 'NoSuchObjectLockConfiguration']);
  });

  it('is not copied with its object', async () => {
    const version = await put({
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: inDays(100),
    });
    const copied = await s3.send(
      new CopyObjectCommand({ Bucket, Key: 'copied', CopySource: `${Bucket}/${version.Key}` }),
    );

    await drop({ Key: 'copied', VersionId: copied.VersionId });
    await mustBeLocked(drop(version));
  });
});

describe('a legal hold', () => {
  it('keeps a version until it is lifted', async () => {
    const version = await put({ ObjectLockLegalHoldStatus: 'ON' });
    const set = (Status: 'ON' | 'OFF') =>
      s3.send(new PutObjectLegalHoldCommand({ Bucket, ...version, LegalHold: { Status } }));
    const get = async () =>
      (await s3.send(new GetObjectLegalHoldCommand({ Bucket, ...version }))).LegalHold?.Status;

    await mustBeLocked(drop(version, true));
    assert.equal(await get(), 'ON');
    await set('OFF');
    assert.equal(await get(), 'OFF');
    await drop(version);
    assert.equal((await failureOf(set('MAYBE' as 'ON'))).code, 'MalformedXML');
  });
});

describe('the rights to locks', () => {
  it('are needed to lock while putting, and to see locks', async () => {
    const user = s3Of(
      sandbox,
      await createUserWithKey(sandbox, root.acme, 'writer', [
        { Effect: 'Allow', Action: ['s3:PutObject', 's3:GetObject'], Resource: '*' },
      ]),
    );
    const send = (more: Partial<PutObjectCommandInput>) =>
      failureOf(user.send(new PutObjectCommand({ Bucket, Key: 'mine', Body: 'x', ...more })));

    const retention = await send({
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: inDays(100),
    });
    const hold = await send({ ObjectLockLegalHoldStatus: 'ON' });
    assert.match(retention.message, /perform: s3:PutObjectRetention/);
    assert.match(hold.message, /perform: s3:PutObjectLegalHold/);
    const { Key } = await put({ ObjectLockLegalHoldStatus: 'ON' });
    const head = await user.send(new HeadObjectCommand({ Bucket, Key }));
    assert.equal(head.ObjectLockLegalHoldStatus, undefined);
  });

  it('can be limited to a number of days', async () => {
    const user = s3Of(
      sandbox,
      await createUserWithKey(sandbox, root.acme, 'short', [
        {
          Effect: 'Allow',
          Action: ['s3:PutObject', 's3:PutObjectRetention'],
          Resource: '*',
          Condition: { NumericLessThan: { 's3:object-lock-remaining-retention-days': '20' } },
        },
      ]),
    );
    const { Key } = await put();
    const set = (days: number) =>
      user.send(
        new PutObjectRetentionCommand({
          Bucket,
          Key,
          Retention: { Mode: 'GOVERNANCE', RetainUntilDate: inDays(days) },
        }),
      );

    assert.equal((await failureOf(set(50))).code, 'AccessDenied');
    await set(18);
  });

  it('are needed to make a bucket with locks', async () => {
    const key = await createUserWithKey(sandbox, root.acme, 'maker', [
      { Effect: 'Allow', Action: 's3:CreateBucket', Resource: '*' },
    ]);
    const command = new CreateBucketCommand({
      Bucket: 'acme-users-locked',
      ObjectLockEnabledForBucket: true,
    });

    const failure = await failureOf(s3Of(sandbox, key).send(command));

    assert.match(failure.message, /perform: s3:PutBucketVersioning/);
  });
});
