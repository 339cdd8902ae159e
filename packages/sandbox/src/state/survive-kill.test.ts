import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { chance } from '../faults/chance.ts';
import type { Sandbox } from '../start-sandbox.ts';
import {
  type Credentials,
  createUserWithKey,
  policy,
  root,
  s3Of,
  stsOf,
} from '../testing/clients.ts';
import { forkSandbox } from '../testing/fork-sandbox.ts';

const Bucket = 'acme-data';
const rounds = 3;
const writers = 6;
const open = 'open';

/** What a key holds: what was acknowledged last, and what was under way since. */
interface Known {
  acknowledged: string | null;
  underWay: string | null | undefined;
}

/** Each of its keys is changed by one writer alone, one change at a time. */
async function write(s3: S3Client, writer: number, round: number, keys: Map<string, Known>) {
  for (let i = 0; ; i++) {
    const Key = `w${writer}/${i % 5}`;
    const known = keys.get(Key) ?? { acknowledged: null, underWay: undefined };
    keys.set(Key, known);
    const isDeleted = chance(round, writer, i) < 0.25;
    const body = isDeleted ? null : `${Key} in round ${round}, change ${i} `.repeat(1 + (i % 200));
    known.underWay = body;
    if (body === null) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    else if (chance(round, writer, i, 'way') < 0.3) await upload(s3, Key, body);
    else await s3.send(new PutObjectCommand({ Bucket, Key, Body: body }));
    known.acknowledged = body;
    known.underWay = undefined;
  }
}

async function upload(s3: S3Client, Key: string, Body: string): Promise<void> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const sent = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body }));
  const { ETag, ChecksumCRC32 } = sent;
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32 }] };
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }));
}

async function changePolicy(s3: S3Client, round: number, known: Known): Promise<void> {
  for (let i = 0; ; i++) {
    const Sid = `Round${round}Change${i}`;
    known.underWay = Sid;
    const Policy = policy({
      Sid,
      Effect: 'Allow',
      Principal: { AWS: '333333333333' },
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${Bucket}/*`,
    });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    known.acknowledged = Sid;
    known.underWay = undefined;
  }
}

async function bodyOf(s3: S3Client, Key: string): Promise<string | null> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToString()) ?? null;
  } catch (error) {
    assert.equal((error as Error).name, 'NoSuchKey');
    return null;
  }
}

async function policySid(s3: S3Client): Promise<string | null> {
  try {
    const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    return (JSON.parse(Policy) as { Statement: [{ Sid: string }] }).Statement[0].Sid;
  } catch (error) {
    assert.equal((error as Error).name, 'NoSuchBucketPolicy');
    return null;
  }
}

function assertKnown(name: string, found: string | null, known: Known): void {
  const possible = [known.acknowledged, known.underWay].filter((value) => value !== undefined);
  assert.ok(possible.includes(found), `${name} holds neither of what it may: ${found}`);
  known.acknowledged = found;
  known.underWay = undefined;
}

/** The key of each part of an upload that is open. */
async function openParts(s3: S3Client): Promise<(string | undefined)[]> {
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  const parts: (string | undefined)[] = [];
  for (const { Key, UploadId } of Uploads) {
    const { Parts = [] } = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    parts.push(...Parts.map(() => Key));
  }
  return parts;
}

/** Makes what stays as it is through all rounds: a bucket, an upload that is open, a user. */
async function begin(sandbox: Sandbox, s3: S3Client): Promise<Credentials> {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: open }));
  await s3.send(
    new UploadPartCommand({ Bucket, Key: open, UploadId, PartNumber: 1, Body: 'part' }),
  );
  return createUserWithKey(sandbox, root.acme, 'worker', []);
}

describe('a sandbox that is killed at any moment', () => {
  it('has every change that it acknowledged, each whole or not at all, and no stray bytes', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'sandbox-killed-'));
    const keys = new Map<string, Known>();
    const policyKnown: Known = { acknowledged: null, underWay: undefined };
    let worker: Credentials = root.acme;
    try {
      for (let round = 0; round <= rounds; round++) {
        const running = await forkSandbox(dataDir);
        const s3 = s3Of(running.sandbox, root.acme);
        if (round === 0) worker = await begin(running.sandbox, s3);
        else await check(s3, dataDir, keys, policyKnown);
        const { Arn } = await stsOf(running.sandbox, worker).send(new GetCallerIdentityCommand({}));
        assert.equal(Arn, 'arn:aws:iam::222222222222:user/worker');
        const changes = Array.from({ length: writers }, (_, writer) =>
          write(s3, writer, round, keys),
        );
        changes.push(changePolicy(s3, round, policyKnown));
        const ended = Promise.allSettled(changes);
        // The moment is not to be the same in each round, nor need it be another in each run.
        await sleep(100 + 300 * chance(round, 'moment'));
        await running.kill();
        await ended;
        s3.destroy();
      }
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
    assert.ok(keys.size >= writers);
  });
});

async function check(
  s3: S3Client,
  dataDir: string,
  keys: ReadonlyMap<string, Known>,
  policyKnown: Known,
): Promise<void> {
  for (const [key, known] of keys) assertKnown(key, await bodyOf(s3, key), known);
  assertKnown('the policy', await policySid(s3), policyKnown);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  const present = [...keys].filter(([, known]) => known.acknowledged !== null);
  assert.deepEqual(
    Contents.map(({ Key }) => Key),
    present.map(([key]) => key).sort(),
  );
  // One file for each object and one for each part of an upload that is open.
  const blobs = readdirSync(join(dataDir, 'blobs'));
  const parts = await openParts(s3);
  assert.ok(parts.includes(open));
  assert.equal(blobs.length, Contents.length + parts.length);
}
