import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type Sandbox, startSandbox } from './start-sandbox.ts';
import { type Credentials, policy, root } from './testing/clients.ts';

const program = findAws();

function findAws(): string | null {
  // Debian's first: what stands before it in PATH is a shim more often than a program.
  for (const candidate of ['/usr/bin/aws', 'aws']) {
    try {
      execFileSync(candidate, ['--version'], { stdio: 'ignore' });
      return candidate;
    } catch {
      // Not here.
    }
  }
  return null;
}

const reason = 'There is no program "aws" here: install the package awscli to run this part';
if (program === null) console.log(`skipped: ${reason}`);

describe("Debian's aws against the sandbox", { skip: program === null && reason }, () => {
  let sandbox: Sandbox;
  let folder: string;
  before(async () => {
    sandbox = await startSandbox({ port: 0 });
    folder = mkdtempSync(join(tmpdir(), 'sandbox-aws-cli-'));
  });
  after(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true });
  });

  async function aws(as: Credentials, ...words: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(
      program ?? 'aws',
      ['--endpoint-url', sandbox.url, '--output', 'json', ...words],
      {
        env: {
          PATH: process.env['PATH'],
          HOME: folder,
          AWS_ACCESS_KEY_ID: as.accessKeyId,
          AWS_SECRET_ACCESS_KEY: as.secretAccessKey,
          AWS_DEFAULT_REGION: 'us-east-1',
          AWS_EC2_METADATA_DISABLED: 'true',
          AWS_MAX_ATTEMPTS: '1',
        },
      },
    );
    return stdout;
  }

  it('copies files in and out, large ones in parts, and lists them', async () => {
    const file = join(folder, 'large.bin');
    const bytes = Buffer.alloc(9_000_000, 'aws cli ');
    writeFileSync(file, bytes);

    await aws(root.acme, 's3', 'mb', 's3://acme-data');
    await aws(root.acme, 's3', 'cp', '--no-progress', file, 's3://acme-data/in/a b+é.bin');
    const listed = await aws(root.acme, 's3', 'ls', '--recursive', 's3://acme-data');
    await aws(
      root.acme,
      's3',
      'cp',
      '--no-progress',
      's3://acme-data/in/a b+é.bin',
      `${file}.back`,
    );

    assert.match(listed, /9000000 in\/a b\+é\.bin/);
    assert.ok(bytes.equals(readFileSync(`${file}.back`)));
  });

  it('uploads by single multipart calls', async () => {
    const object = ['--bucket', 'acme-data', '--key', 'parts'];
    const file = join(folder, 'part');
    writeFileSync(file, 'one part');

    const created = await aws(root.acme, 's3api', 'create-multipart-upload', ...object);
    const { UploadId } = JSON.parse(created) as { UploadId: string };
    const upload = [...object, '--upload-id', UploadId];
    const part = await aws(
      root.acme,
      's3api',
      'upload-part',
      ...upload,
      '--part-number',
      '1',
      '--body',
      file,
    );
    const { ETag } = JSON.parse(part) as { ETag: string };
    const parts = JSON.stringify({ Parts: [{ PartNumber: 1, ETag }] });
    const done = await aws(
      root.acme,
      's3api',
      'complete-multipart-upload',
      ...upload,
      '--multipart-upload',
      parts,
    );

    assert.match((JSON.parse(done) as { ETag: string }).ETag, /^"[0-9a-f]{32}-1"$/);
  });

  it('uploads under a key of KMS, and hears of it from a queue', async () => {
    const Bucket = 'acme-data';
    const QueueArn = `arn:aws:sqs:us-east-1:222222222222:${Bucket}`;
    const letIn = policy({
      Effect: 'Allow',
      Principal: { Service: 's3.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: QueueArn,
      Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:s3:::${Bucket}` } },
    });
    const [created, queue] = await Promise.all([
      aws(root.acme, 'kms', 'create-key', '--description', 'of the aws command'),
      aws(
        root.acme,
        'sqs',
        'create-queue',
        '--queue-name',
        Bucket,
        '--attributes',
        JSON.stringify({ Policy: letIn }),
      ),
    ]);
    const { KeyMetadata } = JSON.parse(created) as { KeyMetadata: { Arn: string } };
    const { QueueUrl } = JSON.parse(queue) as { QueueUrl: string };
    const file = join(folder, 'secret.txt');
    writeFileSync(file, 'a secret');

    await aws(
      root.acme,
      's3api',
      'put-bucket-notification-configuration',
      '--bucket',
      Bucket,
      '--notification-configuration',
      JSON.stringify({ QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }] }),
    );
    const sse = ['--sse', 'aws:kms', '--sse-kms-key-id', KeyMetadata.Arn];
    await aws(root.acme, 's3', 'cp', '--no-progress', file, `s3://${Bucket}/secret`, ...sse);
    const heard = await aws(
      root.acme,
      'sqs',
      'receive-message',
      '--queue-url',
      QueueUrl,
      '--max-number-of-messages',
      '10',
    );

    const { Messages } = JSON.parse(heard) as { Messages: { Body: string }[] };
    assert.deepEqual(
      Messages.map(({ Body }) => /s3:TestEvent|ObjectCreated:\w+/.exec(Body)?.[0]),
      ['s3:TestEvent', 'ObjectCreated:Put'],
    );
  });

  it('sets up a role and assumes it, but not without its external ID', async () => {
    const trust = policy({
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111111111111:root' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': 'cw-1' } },
    });
    const everything = policy({ Effect: 'Allow', Action: '*', Resource: '*' });
    const role = ['--role-name', 'causeway'];
    const user = ['--user-name', 'worker'];
    await Promise.all([
      aws(root.acme, 'iam', 'create-role', ...role, '--assume-role-policy-document', trust),
      aws(root.operator, 'iam', 'create-user', ...user),
    ]);
    const inline = ['--policy-name', 'p', '--policy-document', everything];
    const [made] = await Promise.all([
      aws(root.operator, 'iam', 'create-access-key', ...user),
      aws(root.operator, 'iam', 'put-user-policy', ...user, ...inline),
      aws(root.acme, 'iam', 'put-role-policy', ...role, ...inline),
    ]);
    const { AccessKey } = JSON.parse(made) as {
      AccessKey: { AccessKeyId: string; SecretAccessKey: string };
    };
    const worker = {
      accessKeyId: AccessKey.AccessKeyId,
      secretAccessKey: AccessKey.SecretAccessKey,
    };
    const assume = [
      'sts',
      'assume-role',
      '--role-arn',
      'arn:aws:iam::222222222222:role/causeway',
      '--role-session-name',
      'run',
    ];

    const [refused, assumed] = await Promise.allSettled([
      aws(worker, ...assume),
      aws(worker, ...assume, '--external-id', 'cw-1'),
    ]);

    assert.ok(refused.status === 'rejected');
    assert.match(
      String(refused.reason),
      /AccessDenied.*is not authorized to perform: sts:AssumeRole/,
    );
    assert.ok(assumed.status === 'fulfilled');
    const answer = JSON.parse(assumed.value) as { AssumedRoleUser: { Arn: string } };
    assert.equal(answer.AssumedRoleUser.Arn, 'arn:aws:sts::222222222222:assumed-role/causeway/run');
  });

  it('prints which service the sandbox does not have', async () => {
    const asked = await Promise.allSettled([
      aws(root.acme, 'ec2', 'describe-instances'),
      aws(root.acme, 'lambda', 'list-functions'),
      aws(root.acme, 'dynamodb', 'list-tables'),
      aws(root.acme, 'rds', 'describe-db-instances'),
    ]);

    for (const [index, service] of ['ec2', 'lambda', 'dynamodb', 'rds'].entries()) {
      const answer = asked[index];
      assert.ok(answer?.status === 'rejected');
      const message = `(UnknownService) when calling the .*: The sandbox does not have the service "${service}"`;
      assert.match(String(answer.reason), new RegExp(message.replace(/[()]/g, '\\$&')));
    }
  });
});
