import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  GetRoleCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import {
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

const trustsOperator = policy({
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${operator}:root` },
  Action: 'sts:AssumeRole',
});
/** What comes between a change and its end by the clock has half of it by a machine that is slow. */
const delaySeconds = 120;
let sandbox: Sandbox;
let worker: Credentials;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  worker = await createUserWithKey(sandbox, root.operator, 'worker', [
    { Effect: 'Allow', Action: '*', Resource: '*' },
  ]);
});
after(() => sandbox.close());
afterEach(() => setDelay({ seconds: 0 }));

async function setDelay(body: unknown): Promise<number> {
  const answer = await fetch(`${sandbox.url}/_sandbox/iam-delay`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  await answer.arrayBuffer();
  return answer.status;
}

function assume(name: string) {
  return assumeRole(sandbox, worker, `arn:aws:iam::222222222222:role/${name}`);
}

describe('the delay of IAM', () => {
  it('keeps a new role from being assumed until the news has spread, while IAM shows it', async () => {
    const iam = iamOf(sandbox, root.acme);
    await setDelay({ seconds: delaySeconds });
    await iam.send(
      new CreateRoleCommand({ RoleName: 'late', AssumeRolePolicyDocument: trustsOperator }),
    );

    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'late' }));
    const early = await failureOf(assume('late'));
    await sandbox.clock.advance((delaySeconds / 2) * 1000);
    const stillEarly = await failureOf(assume('late'));
    await sandbox.clock.advance((delaySeconds / 2) * 1000);
    const { Credentials: given } = await assume('late');

    assert.equal(Role?.RoleName, 'late');
    assert.equal(early.code, 'AccessDenied');
    assert.equal(stillEarly.code, 'AccessDenied');
    assert.ok(given?.SessionToken);
  });

  it('lets a changed trust policy and a deleted role work on for as long', async () => {
    const iam = iamOf(sandbox, root.acme);
    const AssumeRolePolicyDocument = trustsOperator;
    await iam.send(new CreateRoleCommand({ RoleName: 'leaving', AssumeRolePolicyDocument }));
    await setDelay({ seconds: delaySeconds });
    const nobody = trustsOperator.replaceAll(operator, '333333333333');

    await iam.send(
      new UpdateAssumeRolePolicyCommand({ RoleName: 'leaving', PolicyDocument: nobody }),
    );
    await assume('leaving');
    await iam.send(new DeleteRoleCommand({ RoleName: 'leaving' }));
    await assume('leaving');
    await sandbox.clock.advance(delaySeconds * 1000);
    const late = await failureOf(assume('leaving'));

    assert.equal(late.code, 'AccessDenied');
  });

  it('holds for permissions and access keys, too, in the order of the changes', async () => {
    const iam = iamOf(sandbox, root.acme);
    const credentials = await createUserWithKey(sandbox, root.acme, 'patient', [
      { Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' },
    ]);
    await setDelay({ seconds: delaySeconds });
    const late = await createUserWithKey(sandbox, root.acme, 'newcomer', [
      { Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' },
    ]);
    await iam.send(new DeleteUserPolicyCommand({ UserName: 'patient', PolicyName: 'permissions' }));
    const list = (as: Credentials) => s3Of(sandbox, as).send(new ListBucketsCommand({}));

    const unknown = await failureOf(list(late));
    await list(credentials);
    await sandbox.clock.advance(delaySeconds * 1000);
    await list(late);
    const refused = await failureOf(list(credentials));

    assert.equal(unknown.code, 'InvalidAccessKeyId');
    assert.equal(refused.code, 'AccessDenied');
  });

  it('makes a bucket policy refuse a principal that is too new', async () => {
    const s3 = s3Of(sandbox, root.acme);
    await s3.send(new CreateBucketCommand({ Bucket: 'acme-delay' }));
    await setDelay({ seconds: delaySeconds });
    await iamOf(sandbox, root.operator).send(
      new CreateRoleCommand({ RoleName: 'fresh', AssumeRolePolicyDocument: trustsOperator }),
    );
    const put = () =>
      s3.send(
        new PutBucketPolicyCommand({
          Bucket: 'acme-delay',
          Policy: policy({
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${operator}:role/fresh` },
            Action: 's3:ListBucket',
            Resource: 'arn:aws:s3:::acme-delay',
          }),
        }),
      );

    const early = await failureOf(put());
    await sandbox.clock.advance(delaySeconds * 1000);
    await put();

    assert.equal(early.code, 'MalformedPolicy');
    assert.equal(early.message, 'Invalid principal in policy');
  });

  it('does not hold for bucket policies', async () => {
    const s3 = s3Of(sandbox, root.acme);
    await s3.send(new CreateBucketCommand({ Bucket: 'acme-at-once' }));
    await setDelay({ seconds: delaySeconds });
    const list = () =>
      s3Of(sandbox, worker).send(new ListObjectsV2Command({ Bucket: 'acme-at-once' }));

    await failureOf(list());
    await s3.send(
      new PutBucketPolicyCommand({
        Bucket: 'acme-at-once',
        Policy: policy({
          Effect: 'Allow',
          Principal: { AWS: operator },
          Action: 's3:ListBucket',
          Resource: 'arn:aws:s3:::acme-at-once',
        }),
      }),
    );

    assert.equal((await list()).KeyCount, 0);
  });

  it('spreads everything at once when it is set to nothing', async () => {
    const iam = iamOf(sandbox, root.acme);
    await setDelay({ seconds: delaySeconds });
    await iam.send(
      new CreateRoleCommand({ RoleName: 'hurried', AssumeRolePolicyDocument: trustsOperator }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'hurried',
        PolicyName: 'some',
        PolicyDocument: policy({ Effect: 'Allow', Action: '*', Resource: '*' }),
      }),
    );
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'hurried', PolicyName: 'some' }));

    await setDelay({ seconds: 0 });

    assert.ok((await assume('hurried')).Credentials);
  });

  it('may hold from the start', async () => {
    const other = await startSandbox({ port: 0, iamDelaySeconds: 5 });
    const told = await fetch(`${other.url}/_sandbox/iam-delay`);
    const body: unknown = await told.json();
    await other.close();

    assert.deepEqual(body, { seconds: 5 });
  });

  it('is told, and refused where it is none', async () => {
    await setDelay({ seconds: 7 });
    const told = await fetch(`${sandbox.url}/_sandbox/iam-delay`);

    assert.deepEqual(await told.json(), { seconds: 7 });
    for (const body of [{ seconds: -1 }, { seconds: 0.5 }, { seconds: 3601 }, {}, null, []]) {
      assert.equal(await setDelay(body), 400);
    }
  });
});
