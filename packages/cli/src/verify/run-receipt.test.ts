import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { accessDocuments } from '@causeway/policy';
import { rootCredentials, type Sandbox, startSandbox } from '@causeway/sandbox';
import { accountClients, operatorAccount } from '@causeway/sandbox/clients';
import { exitCodes } from '../exit-codes.ts';
import { makePlace, type Place, runCommand } from '../testing/run-command.ts';
import { sampleManifest } from '../testing/sample-manifest.ts';

const acme = '222222222222';
const bucket = 'acme-data';
const managedBucket = 'acme-k3v9x2m8q1w7z5';

describe('causeway receipt', { timeout: 120_000 }, () => {
  let place: Place;
  let sandbox: Sandbox;
  before(async () => {
    place = await makePlace();
    sandbox = await startSandbox({ port: 0 });
    const { s3 } = accountClients(sandbox.url, acme);
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    for (const [runId, named] of [
      ['run_1', 'run_1'],
      ['run_2', 'run_9'],
    ] as const) {
      const Body = JSON.stringify({ ...manifest, runId: named });
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: keyOf(runId), Body }));
    }
  });
  after(async () => {
    await sandbox?.close();
    await place?.remove();
  });

  const keyOf = (runId: string) =>
    `causeway/_manifests/flights/dt=2026-11-22/manifest_${runId}.json`;
  const receipt = (runId: string, ...more: string[]) => {
    const { accessKeyId, secretAccessKey } = rootCredentials(acme);
    return runCommand(
      place,
      ['receipt', `s3://${bucket}/${keyOf(runId)}`, '--endpoint-url', sandbox.url, ...more],
      { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    );
  };

  it('says once what became of a delivery, under the same prefix', async () => {
    const said = await receipt('run_1', '--status', 'rejected', '--message', 'no rows', '--json');
    const again = await receipt('run_1', '--status', 'rejected', '--message', 'no rows');
    const otherwise = await receipt('run_1');

    assert.equal(said.stderr, '');
    assert.deepEqual([said.exitCode, again.exitCode], [0, 0]);
    assert.equal(otherwise.exitCode, exitCodes.failed);
    assert.match(otherwise.stderr, /object_exists/);
    const { s3 } = accountClients(sandbox.url, acme);
    const Key = 'causeway/_causeway/receipts/run_1';
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    assert.deepEqual(JSON.parse((await Body?.transformToString()) ?? ''), {
      runId: 'run_1',
      status: 'rejected',
      message: 'no rows',
    });
  });

  it("says it in a bucket of the sender's, with the ACL that the bucket demands", async () => {
    const inputs = { access: 'bucket_policy', accountId: acme, prefix: '' } as const;
    const deliveries = { ...inputs, bucket: managedBucket, capabilities: ['deliver'] } as const;
    const documents = accessDocuments({ ...deliveries, receipts: true, ownerFullControl: true });
    const { s3 } = accountClients(sandbox.url, operatorAccount);
    await s3.send(
      new CreateBucketCommand({ Bucket: managedBucket, ObjectOwnership: 'BucketOwnerPreferred' }),
    );
    await s3.send(
      new PutBucketPolicyCommand({
        Bucket: managedBucket,
        Policy: JSON.stringify(documents.find(({ name }) => name === 'bucketPolicy')?.document),
      }),
    );
    const key = `outbound/_manifests/flights/dt=2026-11-22/manifest_run_1.json`;
    const Body = JSON.stringify({ ...manifest, runId: 'run_1' });
    await s3.send(new PutObjectCommand({ Bucket: managedBucket, Key: key, Body }));
    const { accessKeyId, secretAccessKey } = rootCredentials(acme);
    const say = (...more: string[]) =>
      runCommand(
        place,
        ['receipt', `s3://${managedBucket}/${key}`, '--endpoint-url', sandbox.url, ...more],
        { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
      );

    const plain = await say('--owner', operatorAccount);
    const said = await say('--owner', operatorAccount, '--acl', 'bucket-owner-full-control');

    assert.match(plain.stderr, /access_denied/);
    assert.equal(said.exitCode, 0, said.stderr);
    const Key = 'outbound/_causeway/receipts/run_1';
    await s3.send(new GetObjectCommand({ Bucket: managedBucket, Key }));
  });

  it('says nothing of what is no manifest of that run', async () => {
    const [missing, foreign] = await Promise.all([receipt('run_3'), receipt('run_2')]);

    assert.match(missing.stderr, /manifest_not_found/);
    assert.match(foreign.stderr, /manifest_invalid.*another run/);
    assert.deepEqual([missing.exitCode, foreign.exitCode], [exitCodes.failed, exitCodes.failed]);
  });
});

const manifest = {
  ...sampleManifest,
  signature: { algorithm: 'Ed25519', publicKeyId: 'k', value: 'v' },
};
