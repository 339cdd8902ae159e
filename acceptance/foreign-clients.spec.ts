import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Client as MinioClient } from 'minio';
import { rootEnvironment, rootKey } from './support/customer.ts';
import { findProgram, skippedWithout } from './support/programs.ts';
import { type SandboxTarget, startSandbox } from './support/sandbox.ts';
import { skippedWithoutAws, startAws, type WarmAws } from './support/warm-aws.ts';

const account = '222222222222';
const key = rootKey(account);
/** More than any client's limit for one request, so that all of them send parts. */
const largeBytes = 20 * 1024 ** 2;

let sandbox: SandboxTarget;
let folder: string;
let large: Buffer;
let largePath: string;
let environment: Record<string, string>;
before(async () => {
  sandbox = await startSandbox();
  folder = await mkdtemp(join(tmpdir(), 'causeway-clients-'));
  large = randomBytes(largeBytes);
  largePath = join(folder, 'large');
  await writeFile(largePath, large);
  environment = rootEnvironment(account, folder);
});
after(async () => {
  await sandbox?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("Debian's aws", { skip: skippedWithoutAws }, () => {
  let aws: WarmAws;
  before(async () => {
    aws = await startAws(folder);
  });
  after(() => aws?.stop());
  const run = (...args: readonly string[]) =>
    aws.run(['--endpoint-url', sandbox.url, ...args], environment);
  const json = async <T>(...args: readonly string[]) =>
    JSON.parse(await run(...args, '--output', 'json')) as T;

  it('makes, copies, syncs, lists, presigns and removes', async () => {
    await run('s3', 'mb', 's3://aws-data');
    await run('s3', 'cp', largePath, 's3://aws-data/in/a b+é');
    await run('s3', 'cp', 's3://aws-data/in/a b+é', 's3://aws-data/in/copy');
    await run('s3', 'sync', 's3://aws-data/in', join(folder, 'aws-sync'));
    const listed = await run('s3', 'ls', '--recursive', 's3://aws-data');
    const url = await run('s3', 'presign', 's3://aws-data/in/copy');

    assert.deepEqual(await readFile(join(folder, 'aws-sync', 'a b+é')), large);
    assert.deepEqual(await readFile(join(folder, 'aws-sync', 'copy')), large);
    assert.match(listed, new RegExp(` ${largeBytes} in/a b\\+é\n.* ${largeBytes} in/copy\n`));
    const presigned = Buffer.from(await (await fetch(url.trim())).arrayBuffer());
    assert.deepEqual(presigned, large);
    await run('s3', 'rb', '--force', 's3://aws-data');
    assert.doesNotMatch(await run('s3', 'ls'), /aws-data/);
  });

  it('uploads by single multipart calls', async () => {
    await run('s3', 'mb', 's3://aws-parts');
    const object = ['--bucket', 'aws-parts', '--key', 'parts'];
    const { UploadId } = await json<{ UploadId: string }>(
      's3api',
      'create-multipart-upload',
      ...object,
    );
    const upload = [...object, '--upload-id', UploadId];
    const part = ['--part-number', '1', '--body', largePath];
    const { ETag } = await json<{ ETag: string }>('s3api', 'upload-part', ...upload, ...part);
    const parts = JSON.stringify({ Parts: [{ PartNumber: 1, ETag }] });
    const done = await json<{ ETag: string }>(
      's3api',
      'complete-multipart-upload',
      ...upload,
      '--multipart-upload',
      parts,
    );

    assert.match(done.ETag, /^"[0-9a-f]{32}-1"$/);
  });

  it('sets a bucket up by s3api: versions, tags, encryption, lifecycle, public access', async () => {
    const bucket = ['--bucket', 'aws-settings'];
    await run('s3api', 'create-bucket', ...bucket);
    await run(
      's3api',
      'put-bucket-versioning',
      ...bucket,
      '--versioning-configuration',
      'Status=Enabled',
    );
    await run('s3api', 'put-bucket-tagging', ...bucket, '--tagging', 'TagSet=[{Key=a,Value=b}]');
    await run(
      's3api',
      'put-public-access-block',
      ...bucket,
      '--public-access-block-configuration',
      'BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true',
    );
    const lifecycle = {
      Rules: [
        {
          ID: 'abort',
          Status: 'Enabled',
          Filter: {},
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        },
      ],
    };
    await run(
      's3api',
      'put-bucket-lifecycle-configuration',
      ...bucket,
      '--lifecycle-configuration',
      JSON.stringify(lifecycle),
    );

    const read = async (call: string) =>
      JSON.parse(await run('s3api', call, ...bucket)) as Record<string, unknown>;
    assert.equal((await read('get-bucket-versioning'))['Status'], 'Enabled');
    assert.deepEqual((await read('get-bucket-tagging'))['TagSet'], [{ Key: 'a', Value: 'b' }]);
    assert.match(
      JSON.stringify(await read('get-public-access-block')),
      /"RestrictPublicBuckets":true/,
    );
    assert.match(JSON.stringify(await read('get-bucket-encryption')), /AES256/);
    assert.deepEqual(await read('get-bucket-lifecycle-configuration'), lifecycle);
  });

  it('uploads under a key of KMS, and hears of it from a queue', async () => {
    const bucket = 'aws-heard';
    const QueueArn = `arn:aws:sqs:us-east-1:222222222222:${bucket}`;
    const letIn = {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: QueueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:s3:::${bucket}` } },
      },
    };
    const attributes = ['--attributes', JSON.stringify({ Policy: JSON.stringify(letIn) })];
    const [{ KeyMetadata }, { QueueUrl }] = await Promise.all([
      json<{ KeyMetadata: { Arn: string } }>('kms', 'create-key'),
      json<{ QueueUrl: string }>('sqs', 'create-queue', '--queue-name', bucket, ...attributes),
      run('s3', 'mb', `s3://${bucket}`),
    ]);
    const told = { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }] };
    await run(
      's3api',
      'put-bucket-notification-configuration',
      ...['--bucket', bucket, '--notification-configuration', JSON.stringify(told)],
    );

    const small = join(folder, 'small.txt');
    await writeFile(small, 'a secret');
    const sse = ['--sse', 'aws:kms', '--sse-kms-key-id', KeyMetadata.Arn];
    await run('s3', 'cp', small, `s3://${bucket}/secret`, ...sse);
    const { Messages } = await json<{ Messages: { Body: string }[] }>(
      'sqs',
      'receive-message',
      ...['--queue-url', QueueUrl, '--max-number-of-messages', '10'],
    );

    assert.deepEqual(
      Messages.map(({ Body }) => /s3:TestEvent|ObjectCreated:\w+/.exec(Body)?.[0]),
      ['s3:TestEvent', 'ObjectCreated:Put'],
    );
  });

  it('assumes a role by a profile, but not without its external ID', async () => {
    const policy = (statement: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
    const trust = policy({
      Principal: { AWS: 'arn:aws:iam::222222222222:root' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': 'cw-example' } },
    });
    const role = ['--role-name', 'reader'];
    const user = ['--user-name', 'analyst'];
    const inline = (Action: string) => [
      ...['--policy-name', 'p', '--policy-document', policy({ Action, Resource: '*' })],
    ];
    await Promise.all([
      run('iam', 'create-role', ...role, '--assume-role-policy-document', trust),
      run('iam', 'create-user', ...user),
    ]);
    const [{ AccessKey }] = await Promise.all([
      json<{ AccessKey: { AccessKeyId: string; SecretAccessKey: string } }>(
        'iam',
        'create-access-key',
        ...user,
      ),
      run('iam', 'put-user-policy', ...user, ...inline('sts:AssumeRole')),
      run('iam', 'put-role-policy', ...role, ...inline('s3:ListAllMyBuckets')),
    ]);
    const config = join(folder, 'aws-config');
    await writeFile(
      config,
      `[profile analyst]\naws_access_key_id = ${AccessKey.AccessKeyId}\naws_secret_access_key = ${AccessKey.SecretAccessKey}\n`,
    );
    const assume = (...words: string[]) =>
      aws.run(
        [
          ...[
            '--endpoint-url',
            sandbox.url,
            'sts',
            'assume-role',
            '--role-session-name',
            'session',
          ],
          ...['--role-arn', 'arn:aws:iam::222222222222:role/reader', ...words],
        ],
        {
          HOME: folder,
          AWS_CONFIG_FILE: config,
          AWS_PROFILE: 'analyst',
          AWS_DEFAULT_REGION: 'us-east-1',
        },
      );

    assert.match(await assume('--external-id', 'cw-example'), /assumed-role\/reader\/session/);
    await assert.rejects(assume(), /AccessDenied.*is not authorized to perform: sts:AssumeRole/);
  });

  it('prints which service the sandbox does not have', async () => {
    const calls = {
      ec2: 'describe-instances',
      lambda: 'list-functions',
      rds: 'describe-db-instances',
    };
    for (const [service, call] of Object.entries(calls)) {
      const message = `\\(UnknownService\\) when calling the .*: The sandbox does not have the service "${service}"`;
      await assert.rejects(run(service, call), new RegExp(message));
    }
  });
});

const rclone = findProgram('rclone', ['version']);
describe('rclone', { skip: skippedWithout(rclone, 'program "rclone"') }, () => {
  const run = async (...args: readonly string[]) =>
    (await rclone?.run(args, {
      ...environment,
      RCLONE_CONFIG: join(folder, 'rclone.conf'),
      RCLONE_CONFIG_CW_TYPE: 's3',
      RCLONE_CONFIG_CW_PROVIDER: 'Other',
      RCLONE_CONFIG_CW_ENV_AUTH: 'true',
      RCLONE_CONFIG_CW_REGION: 'us-east-1',
      RCLONE_CONFIG_CW_ENDPOINT: sandbox.url,
    })) ?? '';

  it('makes, copies, checks, lists, copies on the server, moves and purges', async () => {
    await run('mkdir', 'cw:rclone-data');
    await run('copyto', largePath, 'cw:rclone-data/in/large', '--s3-upload-cutoff', '10M');
    await run('copyto', 'cw:rclone-data/in/large', 'cw:rclone-data/in/copy');
    await run('moveto', 'cw:rclone-data/in/copy', 'cw:rclone-data/moved');
    await run('sync', 'cw:rclone-data', join(folder, 'rclone'));

    assert.deepEqual(await readFile(join(folder, 'rclone', 'moved')), large);
    const listed = JSON.parse(await run('lsjson', '-R', '--files-only', 'cw:rclone-data')) as {
      Path: string;
      Size: number;
    }[];
    assert.deepEqual(listed.map(({ Path, Size }) => [Path, Size]).sort(), [
      ['in/large', largeBytes],
      ['moved', largeBytes],
    ]);
    await run('check', '--download', join(folder, 'rclone'), 'cw:rclone-data');
    await run('purge', 'cw:rclone-data');
    assert.doesNotMatch(await run('lsd', 'cw:'), /rclone-data/);
  });
});

const s3cmd = findProgram('s3cmd', ['--version']);
describe('s3cmd', { skip: skippedWithout(s3cmd, 'program "s3cmd"') }, () => {
  const run = async (...args: readonly string[]) => {
    const host = new URL(sandbox.url).host;
    const where = [`--host=${host}`, `--host-bucket=${host}`, '--no-ssl', '--region=us-east-1'];
    const keys = [`--access_key=${key.accessKeyId}`, `--secret_key=${key.secretAccessKey}`];
    return (await s3cmd?.run([...where, ...keys, ...args], environment)) ?? '';
  };

  it('makes, puts, gets, copies, tells of and removes', async () => {
    await run('mb', 's3://s3cmd-data');
    await run('put', largePath, 's3://s3cmd-data/in/large');
    // Without that flag it sets the ACL of a copy, which S3 refuses where ACLs are disabled
    // (https://github.com/s3tools/s3cmd/issues/1304).
    await run('cp', '--acl-private', 's3://s3cmd-data/in/large', 's3://s3cmd-data/copy');
    await run('get', 's3://s3cmd-data/copy', join(folder, 's3cmd-copy'));
    const info = await run('info', 's3://s3cmd-data/copy');
    const listed = await run('ls', '--recursive', 's3://s3cmd-data');

    assert.deepEqual(await readFile(join(folder, 's3cmd-copy')), large);
    assert.match(info, new RegExp(`File size: ${largeBytes}`));
    assert.match(listed, /s3cmd-data\/copy\n.*s3cmd-data\/in\/large/);
    await run('rb', '--recursive', '--force', 's3://s3cmd-data');
    assert.doesNotMatch(await run('ls'), /s3cmd-data/);
  });
});

const python = findProgram('python3', ['-c', 'import boto3']);
describe('boto3', { skip: skippedWithout(python, 'python3 with boto3 (python3-boto3)') }, () => {
  it('transfers, copies, tags, versions and removes; and speaks STS, KMS and SQS', async () => {
    const journey = fileURLToPath(new URL('clients/boto3-journey.py', import.meta.url));

    const seen: unknown = JSON.parse(
      (await python?.run([journey, sandbox.url, folder], environment)) ?? '',
    );

    assert.deepEqual(seen, {
      largeIsSame: true,
      metadata: { who: 'boto3' },
      tags: [{ Key: 'k', Value: 'v' }],
      copy: 'small',
      largeCopyBytes: largeBytes,
      keys: ['a/ä +1', 'copy', 'large', 'large-copy'],
      missing: 'NoSuchKey',
      versions: 2,
      markers: 1,
      gone: 'NoSuchBucket',
      account: '222222222222',
      key: 'Enabled',
      message: 'hello',
      kind: 'greeting',
      raw: '00ff',
      received: '1',
      sent: ['a'],
      notSent: ['InvalidMessageContents'],
      deleted: 2,
      timeout: '5',
      queueTags: { k: 'v' },
      queues: 1,
      noQueue: 'AWS.SimpleQueueService.NonExistentQueue',
    });
  });
});

describe('npm clients', () => {
  it("AWS's own SDK works by its defaults", async () => {
    const options = { endpoint: sandbox.url, region: 'us-east-1', credentials: key };
    const s3 = new S3Client({ ...options, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'sdk-data' }));
    await s3.send(new PutObjectCommand({ Bucket: 'sdk-data', Key: 'k', Body: 'twelve bytes' }));
    const got = await s3.send(new GetObjectCommand({ Bucket: 'sdk-data', Key: 'k' }));
    assert.equal(await got.Body?.transformToString(), 'twelve bytes');
    const sts = new STSClient(options);
    assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Account, '222222222222');
    s3.destroy();
    sts.destroy();
  });

  it("MinIO's client puts streams and files, copies, lists, presigns and removes", async () => {
    const { hostname, port } = new URL(sandbox.url);
    const minio = new MinioClient({
      endPoint: hostname,
      port: Number(port),
      useSSL: false,
      accessKey: key.accessKeyId,
      secretKey: key.secretAccessKey,
    });
    const bucket = 'minio-data';
    await minio.makeBucket(bucket);
    await minio.fPutObject(bucket, 'in/large', largePath);
    await minio.putObject(bucket, 'in/small', 'small', 5, { 'X-Amz-Meta-Who': 'minio' });
    const back = await buffer(await minio.getObject(bucket, 'in/large'));
    const listed: string[] = [];
    for await (const item of minio.listObjectsV2(bucket, '', true)) listed.push(item.name);
    const url = await minio.presignedGetObject(bucket, 'in/small', 60);

    assert.deepEqual(back, large);
    assert.deepEqual(listed, ['in/large', 'in/small']);
    assert.equal((await minio.statObject(bucket, 'in/small')).metaData['who'], 'minio');
    assert.equal(await (await fetch(url)).text(), 'small');
    await minio.removeObjects(bucket, listed);
    await minio.removeBucket(bucket);
    assert.equal(await minio.bucketExists(bucket), false);
  });
});
