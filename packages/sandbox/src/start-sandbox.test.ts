import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { rootCredentials } from './accounts.ts';
import { SandboxError } from './sandbox-error.ts';
import { startSandbox } from './start-sandbox.ts';
import { createUserWithKey, iamOf, policy, root, s3Of, stsOf } from './testing/clients.ts';
import { forkSandbox } from './testing/fork-sandbox.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-start-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function refusal(code: SandboxError['code']) {
  return (error: unknown) =>
    error instanceof SandboxError && error.code === code && error.hint !== '';
}

describe('startSandbox()', () => {
  it('keeps sessions from one start to the next', async () => {
    const dataDir = join(folder, 'sessions');
    const first = await startSandbox({ port: 0, dataDir });
    const worker = await createUserWithKey(first, root.operator, 'worker', [
      { Effect: 'Allow', Action: '*', Resource: '*' },
    ]);
    await iamOf(first, root.acme).send(
      new CreateRoleCommand({
        RoleName: 'causeway',
        AssumeRolePolicyDocument: policy({
          Effect: 'Allow',
          Principal: { AWS: '111111111111' },
          Action: 'sts:AssumeRole',
        }),
      }),
    );
    const { Credentials: given } = await stsOf(first, worker).send(
      new AssumeRoleCommand({
        RoleArn: 'arn:aws:iam::222222222222:role/causeway',
        RoleSessionName: 'run',
      }),
    );
    await first.close();

    const second = await startSandbox({ port: 0, dataDir });
    const { Arn } = await stsOf(second, {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    }).send(new GetCallerIdentityCommand({}));
    await second.close();

    assert.equal(Arn, 'arn:aws:sts::222222222222:assumed-role/causeway/run');
  });

  it('holds no more memory for a 180 MB object than for a small one', async () => {
    const { sandbox, rss, kill } = await forkSandbox(join(folder, 'large'));
    const s3 = s3Of(sandbox, root.acme, { requestChecksumCalculation: 'WHEN_REQUIRED' });
    const object = { Bucket: 'acme-data', Key: 'large' };
    await s3.send(new CreateBucketCommand({ Bucket: object.Bucket }));
    const part = Buffer.alloc(15_000_000, 7);
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    const idle = await rss();
    let peak = idle;
    for (let PartNumber = 1; PartNumber <= 12; PartNumber++) {
      const { ETag } = await s3.send(
        new UploadPartCommand({ ...object, UploadId, PartNumber, Body: part }),
      );
      Parts.push({ PartNumber, ETag });
      peak = Math.max(peak, await rss());
    }
    await s3.send(
      new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }),
    );
    const { Body, ContentLength } = await s3.send(new GetObjectCommand(object));
    let received = 0;
    for await (const piece of Body as AsyncIterable<Uint8Array>) {
      received += piece.length;
      if (received % 30_000_000 < piece.length) peak = Math.max(peak, await rss());
    }
    await kill();

    assert.equal(ContentLength, 180_000_000);
    assert.equal(received, 180_000_000);
    const more = Math.round((peak - idle) / 1e6);
    assert.ok(more < 140, `${more} MB more than when idle`);
  });

  it('lets no second sandbox write to its folder', async () => {
    const dataDir = join(folder, 'locked');
    const first = await startSandbox({ port: 0, dataDir });

    await assert.rejects(startSandbox({ port: 0, dataDir }), refusal('data_dir_in_use'));
    await first.close();
    await (await startSandbox({ port: 0, dataDir })).close();
  });

  it('says that its port is taken, and leaves nothing behind', async () => {
    const first = await startSandbox({ port: 0 });
    const dataDir = join(folder, 'port');

    await assert.rejects(startSandbox({ port: first.port, dataDir }), refusal('port_in_use'));
    await first.close();
    await (await startSandbox({ port: 0, dataDir })).close();
  });

  it('takes another port, if it may', async () => {
    const first = await startSandbox({ port: 0 });
    const second = await startSandbox({ port: first.port, orAnyPort: true });

    assert.notEqual(second.port, first.port);
    assert.equal((await fetch(`${second.url}/_sandbox`)).status, 200);
    await first.close();
    await second.close();
  });

  it('starts on no damaged folder', async () => {
    const dataDir = join(folder, 'damaged');
    await (await startSandbox({ port: 0, dataDir })).close();
    writeFileSync(join(dataDir, 'state.log'), 'damaged\n');

    await assert.rejects(startSandbox({ port: 0, dataDir }), refusal('data_dir_damaged'));
  });

  it('takes other accounts, and says what is wrong with them', async () => {
    const account = {
      id: '444444444444',
      alias: 'initech',
      accessKeyId: 'AKIAINITECHINITECH44',
      secretAccessKey: 's',
    };
    const sandbox = await startSandbox({ port: 0, accounts: [account] });
    const { Account } = await stsOf(sandbox, account).send(new GetCallerIdentityCommand({}));
    await sandbox.close();

    assert.equal(Account, '444444444444');
    await assert.rejects(startSandbox({ port: 0, accounts: [] }), refusal('accounts_invalid'));
    await assert.rejects(
      startSandbox({ port: 0, accounts: [{ ...account, id: '44' }, account, account] }),
      /"44" is not twelve digits; .*id "444444444444" is used twice/,
    );
  });

  it('removes its temporary folder when it is closed, however often', async () => {
    // A place of its own, because other tests make temporary folders at the same time.
    const temporary = mkdtempSync(join(folder, 'tmp-'));
    const usual = process.env['TMPDIR'];
    process.env['TMPDIR'] = temporary;
    const sandbox = await startSandbox({ port: 0 });
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;

    const during = readdirSync(temporary);
    await sandbox.close();
    await sandbox.close();

    assert.equal(during.length, 1);
    assert.deepEqual(readdirSync(temporary), []);
  });

  it('keeps its files to itself', async () => {
    const dataDir = join(folder, 'private');
    const sandbox = await startSandbox({ port: 0, dataDir });
    await sandbox.close();

    assert.equal(statSync(dataDir).mode & 0o777, 0o700);
    assert.equal(statSync(join(dataDir, 'state.log')).mode & 0o777, 0o600);
  });
});

describe('rootCredentials()', () => {
  it('follow the rule that others rely on', () => {
    assert.deepEqual(rootCredentials('222222222222'), {
      accessKeyId: 'AKIASANDBOX222222222',
      secretAccessKey: 'sandbox-secret-222222222222',
    });
  });
});
