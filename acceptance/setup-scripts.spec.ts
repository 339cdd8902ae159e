import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  GetUserPolicyCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { guideDocument, guideValue, type SetupGuide } from './support/customer.ts';
import { findProgram, skippedWithout } from './support/programs.ts';
import { removeData, startTarget, type Target } from './support/target.ts';

const aws = findProgram('aws', ['--version']);
const account = '222222222222';
const rootKey = {
  accessKeyId: `AKIASANDBOX${account.slice(0, 9)}`,
  secretAccessKey: `sandbox-secret-${account}`,
};

interface Report {
  readonly outcome: string;
  readonly steps: { readonly id: string; readonly verdict: string }[];
}

/**
 * What a customer's administrator does who takes the script: nothing but run it. The
 * script is as the API gives it; only `aws` is pointed at the sandbox.
 */
describe('The setup script, run with the aws command', {
  skip: skippedWithout(aws, 'aws command'),
}, () => {
  let target: Target;
  let customerId: string;
  before(async () => {
    // The issuer of tokens is known by its address, which therefore is fixed first.
    target = await startTarget(['--no-sample'], { CAUSEWAY_PORT: String(await freePort()) });
    const { body } = await target.call<{ id: string }>('POST', '/v1/customers', {
      name: 'Acme',
      reference: 'acme',
    });
    customerId = body.id;
    const shim = join(target.dataDir, 'bin/aws');
    await mkdir(join(target.dataDir, 'bin'));
    await writeFile(
      shim,
      `#!/bin/sh\nexec ${aws?.path} --endpoint-url ${target.sandboxUrl} "$@"\n`,
    );
    await chmod(shim, 0o755);
  });
  after(async () => {
    await target.stop();
    await removeData(target);
  });

  async function connect(access: string, place: object) {
    const connection = await target.call<{ id: string }>('POST', '/v1/connections', {
      customerId,
      access,
      accountId: account,
      ...place,
    });
    assert.equal(connection.status, 201, JSON.stringify(connection.body));
    const path = `/v1/connections/${connection.body.id}`;
    const guide = (await target.call<SetupGuide>('GET', `${path}/setup-guide`)).body;
    const script = (await target.call<{ content: string }>('GET', `${path}/setup-guide/cli`)).body;
    const run = async (settings: Readonly<Record<string, string>> = {}) => {
      const env = {
        PATH: `${join(target.dataDir, 'bin')}:${process.env['PATH']}`,
        HOME: target.dataDir,
        AWS_ACCESS_KEY_ID: rootKey.accessKeyId,
        AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey,
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_EC2_METADATA_DISABLED: 'true',
        ...settings,
      };
      return (await promisify(execFile)('bash', ['-c', script.content], { env })).stdout;
    };
    const check = async () => {
      const { body } = await target.call<Report>('POST', `${path}/check`, {});
      const faults = body.steps.filter(({ verdict }) => verdict === 'failed');
      return { outcome: body.outcome, faults };
    };
    return { guide, run, check };
  }

  const clients = (credentials: { accessKeyId: string; secretAccessKey: string }) => {
    const config = { endpoint: target.sandboxUrl, region: 'us-east-1', credentials };
    return { iam: new IAMClient(config), s3: new S3Client({ ...config, forcePathStyle: true }) };
  };

  // Python takes a second to start, and longer where others run: so the four run side by side.
  it('leads to a healthy connection, however often, and by every access', async () => {
    await Promise.all([byRole(), byWebIdentity(), byAccessKey(), byManagedBucket()]);
  });

  async function byRole(): Promise<void> {
    const { run, check } = await connect('role', { location: 's3://acme-script-role/causeway/' });
    const settings = { WITH_BUCKET_POLICY: 'yes', WITH_LIFECYCLE: 'yes' };

    await run(settings);
    assert.deepEqual(await check(), { outcome: 'healthy', faults: [] });
    const again = await run(settings);

    assert.match(again, /it is there/);
    assert.deepEqual(await check(), { outcome: 'healthy', faults: [] });
  }

  async function byWebIdentity(): Promise<void> {
    const location = 's3://acme-script-token/causeway/';
    const { run, check } = await connect('web_identity', { location });

    await run();

    assert.deepEqual(await check(), { outcome: 'healthy', faults: [] });
  }

  async function byAccessKey(): Promise<void> {
    const location = 's3://acme-script-key/causeway/';
    const { guide, run } = await connect('access_key', { location });
    const UserName = guideValue(guide, 'userName');

    await run();
    const said = await run({ PERMISSIONS_BOUNDARY: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' });

    assert.match(said, new RegExp(`aws iam create-access-key --user-name ${UserName} `));
    const { AccessKey } = await clients(rootKey).iam.send(new CreateAccessKeyCommand({ UserName }));
    const { s3 } = clients({
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    });
    const put = (Key: string) =>
      s3.send(new PutObjectCommand({ Bucket: guideValue(guide, 'bucket'), Key, Body: 'x' }));
    await put('causeway/1');
    await assert.rejects(put('other/1'), { name: 'AccessDenied' });
  }

  async function byManagedBucket(): Promise<void> {
    const { guide, run } = await connect('bucket_policy', {
      resourceId: 'acme',
      capabilities: ['ingest'],
    });
    const { iam } = clients(rootKey);
    await iam.send(new CreateUserCommand({ UserName: 'loader' }));
    await assert.rejects(run(), /Stopped: say who is to use the bucket/);

    await run({ TO_USER: 'loader' });

    const { PolicyDocument = '' } = await iam.send(
      new GetUserPolicyCommand({
        UserName: 'loader',
        PolicyName: 'causeway-managed-bucket-access',
      }),
    );
    assert.deepEqual(
      JSON.parse(decodeURIComponent(PolicyDocument)),
      guideDocument(guide, 'customerPolicy'),
    );
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
