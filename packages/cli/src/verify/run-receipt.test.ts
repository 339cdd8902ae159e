import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { rootCredentials, type Sandbox, startSandbox } from '@causeway/sandbox';
import { accountClients } from '@causeway/sandbox/clients';
import { exitCodes } from '../exit-codes.ts';
import { makePlace, type Place, runCommand } from '../testing/run-command.ts';
import { sampleManifest } from '../testing/sample-manifest.ts';

const acme = '222222222222';
const bucket = 'acme-data';

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
