import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  GetRoleCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import {
  acme,
  type Credentials,
  createUserWithKey,
  failureOf,
  iamOf,
  operator,
  policy,
  root,
  s3Of,
} from '../testing/clients.ts';
import { assumeRole } from '../testing/iam-fixtures.ts';

const UserName = 'worker';
const workerArn = `arn:aws:iam::${operator}:user/worker`;
const trustsWorker = policy({
  Effect: 'Allow',
  Principal: { AWS: workerArn },
  Action: 'sts:AssumeRole',
});
const bucketPolicy = policy({
  Effect: 'Allow',
  Principal: { AWS: [workerArn, `arn:aws:iam::${operator}:root`] },
  Action: 's3:ListBucket',
  Resource: 'arn:aws:s3:::acme-named',
  Condition: { StringEquals: { 'aws:PrincipalArn': workerArn } },
});
const everything = policy({ Effect: 'Allow', Action: '*', Resource: '*' });
let sandbox: Sandbox;
let worker: Credentials;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  worker = await createUserWithKey(sandbox, root.operator, UserName, [
    { Effect: 'Allow', Action: '*', Resource: '*' },
  ]);
  await iamOf(sandbox, root.acme).send(
    new CreateRoleCommand({ RoleName: 'role', AssumeRolePolicyDocument: trustsWorker }),
  );
  const s3 = s3Of(sandbox, root.acme);
  await s3.send(new CreateBucketCommand({ Bucket: 'acme-named' }));
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'acme-named', Policy: bucketPolicy }));
});
after(() => sandbox.close());

function assume(as: Credentials) {
  return assumeRole(sandbox, as, `arn:aws:iam::${acme}:role/role`);
}

async function trustShown(): Promise<string> {
  const { Role } = await iamOf(sandbox, root.acme).send(new GetRoleCommand({ RoleName: 'role' }));
  return decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '');
}

async function makeAnew(): Promise<Credentials> {
  const iam = iamOf(sandbox, root.operator);
  await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: worker.accessKeyId }));
  await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'permissions' }));
  await iam.send(new DeleteUserCommand({ UserName }));
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(
    new PutUserPolicyCommand({ UserName, PolicyName: 'all', PolicyDocument: everything }),
  );
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' };
}

describe('a user that a policy names, deleted and made anew', () => {
  it('is another: no longer trusted, and shown by the id of the one that was', async () => {
    await assume(worker);
    assert.equal(await trustShown(), trustsWorker);

    const anew = await makeAnew();
    const refused = await failureOf(assume(anew));
    const shown = await trustShown();
    const { Policy: shownOfBucket = '' } = await s3Of(sandbox, root.acme).send(
      new GetBucketPolicyCommand({ Bucket: 'acme-named' }),
    );
    // The account is named, too, so the new one is allowed by that, not by its name.
    await s3Of(sandbox, anew).send(new ListObjectsV2Command({ Bucket: 'acme-named' }));

    assert.equal(refused.code, 'AccessDenied');
    assert.match(shown, /"Principal":\{"AWS":"AIDA[A-Z2-7]{17}"\}/);
    assert.match(shownOfBucket, /"AWS":\["AIDA[A-Z2-7]{17}","arn:aws:iam::111111111111:root"\]/);
    assert.match(shownOfBucket, /"aws:PrincipalArn":"arn:aws:iam::111111111111:user\/worker"/);
  });

  it('cannot be named by the id, and is trusted again once the policy is put again', async () => {
    const iam = iamOf(sandbox, root.acme);
    const put = (PolicyDocument: string) =>
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'role', PolicyDocument }));

    const byId = await failureOf(put(await trustShown()));
    await put(trustsWorker);

    assert.equal(byId.code, 'MalformedPolicyDocument');
    assert.match(byId.message, /^Invalid principal in policy: "AWS":"AIDA/);
    assert.equal(await trustShown(), trustsWorker);
  });
});

describe('a bucket policy that names a user', () => {
  it('leaves nothing of whom it named when it is deleted', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'sandbox-named-principals-'));
    const own = await startSandbox({ port: 0, dataDir });
    try {
      await createUserWithKey(own, root.operator, UserName, []);
      const s3 = s3Of(own, root.acme);
      await s3.send(new CreateBucketCommand({ Bucket: 'acme-named' }));
      await s3.send(new PutBucketPolicyCommand({ Bucket: 'acme-named', Policy: bucketPolicy }));
      await s3.send(new DeleteBucketPolicyCommand({ Bucket: 'acme-named' }));

      const log = await readFile(join(dataDir, 'state.log'), 'utf8');
      const written = log.split('\n').filter((line) => line.includes('"policy":'));
      assert.equal(written.length, 3);
      assert.deepEqual(
        written.map((line) => line.includes('AIDA')),
        [false, true, false],
      );
    } finally {
      await own.close();
      await rm(dataDir, { recursive: true });
    }
  });
});
