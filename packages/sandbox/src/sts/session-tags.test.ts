import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreatePolicyCommand,
  CreateRoleCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
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
import { assumeRole, credentialsOf } from '../testing/iam-fixtures.ts';

const roleArn = (name: string) => `arn:aws:iam::${acme}:role/${name}`;
const trustsOperator = { Effect: 'Allow', Principal: { AWS: operator } };
let sandbox: Sandbox;
let worker: Credentials;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  worker = await createUserWithKey(sandbox, root.operator, 'worker', [
    { Effect: 'Allow', Action: 'sts:*', Resource: '*' },
  ]);
  await createRole('plain', [{ ...trustsOperator, Action: 'sts:AssumeRole' }]);
  await createRole('tagged', [
    { ...trustsOperator, Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'] },
    {
      ...trustsOperator,
      Action: 'sts:TagSession',
      Condition: {
        StringLike: { 'aws:RequestTag/team': '*' },
        'ForAllValues:StringEquals': { 'sts:TransitiveTagKeys': ['team'] },
      },
    },
  ]);
  await createRole('next', [
    {
      Effect: 'Allow',
      Principal: { AWS: roleArn('tagged') },
      Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
    },
  ]);
  await createRole('strict', [
    { Effect: 'Allow', Principal: { AWS: roleArn('tagged') }, Action: 'sts:AssumeRole' },
  ]);
  await s3Of(sandbox, root.acme).send(new CreateBucketCommand({ Bucket: 'acme-tags' }));
});
after(() => sandbox.close());

/** A role that may write under its team, list as whoever it comes from, and assume others. */
async function createRole(RoleName: string, trust: readonly object[]): Promise<void> {
  const iam = iamOf(sandbox, root.acme);
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy(...trust) }));
  const team = ['$', '{aws:PrincipalTag/team}'].join('');
  await iam.send(
    new PutRolePolicyCommand({
      RoleName,
      PolicyName: 'some',
      PolicyDocument: policy(
        { Effect: 'Allow', Action: 's3:PutObject', Resource: `arn:aws:s3:::acme-tags/${team}/*` },
        {
          Effect: 'Allow',
          Action: 's3:ListBucket',
          Resource: '*',
          Condition: { StringEquals: { 'aws:SourceIdentity': 'ada' } },
        },
        { Effect: 'Allow', Action: 'sts:*', Resource: '*' },
      ),
    }),
  );
}

function assume(as: Credentials, name: string, more: Partial<AssumeRoleCommandInput> = {}) {
  return assumeRole(sandbox, as, roleArn(name), more);
}

async function session(...asked: Parameters<typeof assume>): Promise<Credentials> {
  return credentialsOf((await assume(...asked)).Credentials);
}

const put = (as: Credentials, Key: string) =>
  s3Of(sandbox, as).send(new PutObjectCommand({ Bucket: 'acme-tags', Key, Body: 'x' }));

const blue = { Tags: [{ Key: 'team', Value: 'blue' }] };

describe('session tags', () => {
  it('are principal tags of the session', async () => {
    const as = await session(worker, 'tagged', blue);

    await put(as, 'blue/x');
    assert.equal((await failureOf(put(as, 'red/x'))).code, 'AccessDenied');
  });

  it('hide the tags of the role, which count otherwise', async () => {
    await iamOf(sandbox, root.acme).send(
      new TagRoleCommand({ RoleName: 'tagged', Tags: [{ Key: 'Team', Value: 'role' }] }),
    );

    await put(await session(worker, 'tagged'), 'role/x');
    const as = await session(worker, 'tagged', blue);
    await put(as, 'blue/x');

    assert.equal((await failureOf(put(as, 'role/x'))).code, 'AccessDenied');
  });

  it('need sts:TagSession in the trust policy, by its conditions', async () => {
    const failures = [
      await failureOf(assume(worker, 'plain', blue)),
      await failureOf(assume(worker, 'tagged', { Tags: [{ Key: 'other', Value: 'x' }] })),
      await failureOf(
        assume(worker, 'tagged', {
          Tags: [...blue.Tags, { Key: 'other', Value: 'x' }],
          TransitiveTagKeys: ['other'],
        }),
      ),
    ];

    for (const { code, message } of failures) {
      assert.equal(code, 'AccessDenied');
      assert.match(message, /worker is not authorized to perform: sts:TagSession on resource: /);
    }
  });

  it('stay behind when a session assumes the next role, unless they are transitive', async () => {
    const alone = await session(worker, 'tagged', blue);
    const handed = await session(worker, 'tagged', { ...blue, TransitiveTagKeys: ['team'] });

    const without = await session(alone, 'next');
    const withTag = await session(handed, 'next');

    assert.equal((await failureOf(put(without, 'blue/x'))).code, 'AccessDenied');
    await put(withTag, 'blue/x');
  });

  it('are not replaced on the way, and not taken where the next role may not be tagged', async () => {
    const handed = await session(worker, 'tagged', { ...blue, TransitiveTagKeys: ['team'] });

    const replaced = await failureOf(
      assume(handed, 'next', { Tags: [{ Key: 'TEAM', Value: 'red' }] }),
    );
    const untagged = await failureOf(assume(handed, 'strict'));

    assert.equal(replaced.code, 'InvalidParameterValue');
    assert.match(replaced.message, /conflicts with a transitive tag key from the calling session/);
    assert.match(untagged.message, /perform: sts:TagSession/);
  });

  it('are refused where they are none', async () => {
    const twice = await failureOf(
      assume(worker, 'tagged', { Tags: [...blue.Tags, { Key: 'TEAM', Value: 'red' }] }),
    );
    const missing = await failureOf(
      assume(worker, 'tagged', { ...blue, TransitiveTagKeys: ['other'] }),
    );

    assert.equal(twice.code, 'InvalidParameterValue');
    assert.match(twice.message, /^Duplicate tag keys found/);
    assert.match(missing.message, /must be included in the requested tags/);
  });

  it('take room, which is limited', async () => {
    const words = (n: number) =>
      [...Array(32).keys()].map((i) => ((n * 31 + i) * 2_654_435_761).toString(36)).join('');
    const Tags = [
      ...blue.Tags,
      ...[...Array(49).keys()].map((n) => ({
        Key: `k${n}`,
        Value: words(n).slice(0, 256).replace('.', '-'),
      })),
    ];

    const small = await assume(worker, 'tagged', blue);
    const large = await failureOf(assume(worker, 'tagged', { Tags }));

    assert.ok((small.PackedPolicySize ?? 0) > 0);
    assert.equal((await assume(worker, 'plain')).PackedPolicySize, undefined);
    assert.equal(large.code, 'PackedPolicyTooLarge');
    assert.match(large.message, /^Packed policy consumes \d+% of allotted space/);
  });
});

describe('managed policies of a session', () => {
  it('narrow it, however long they are, and are those of the account of the role', async () => {
    const prefixes = [...Array(60).keys()].map((n) => `arn:aws:s3:::acme-tags/role/prefix-${n}/*`);
    const create = async (owner: Credentials) => {
      const { Policy } = await iamOf(sandbox, owner).send(
        new CreatePolicyCommand({
          PolicyName: 'long',
          PolicyDocument: policy({ Effect: 'Allow', Action: 's3:*', Resource: prefixes }),
        }),
      );
      return { PolicyArns: [{ arn: Policy?.Arn }] };
    };
    const own = await create(root.acme);
    const foreign = await create(root.operator);

    await iamOf(sandbox, root.acme).send(
      new TagRoleCommand({ RoleName: 'plain', Tags: [{ Key: 'team', Value: 'role' }] }),
    );
    const as = await session(worker, 'plain', own);
    await put(as, 'role/prefix-1/x');
    const outside = await failureOf(put(as, 'role/x'));
    const refused = await failureOf(assume(worker, 'plain', foreign));

    assert.match(outside.message, /because no session policy allows/);
    assert.equal(refused.code, 'NoSuchEntity');
  });
});

describe('the source identity', () => {
  const SourceIdentity = 'ada';
  const list = (as: Credentials) =>
    s3Of(sandbox, as).send(new ListObjectsV2Command({ Bucket: 'acme-tags' }));

  it('is a key of every request of the session, and answered', async () => {
    const { SourceIdentity: answered } = await assume(worker, 'tagged', { SourceIdentity });
    const anonymous = await session(worker, 'tagged');

    await list(await session(worker, 'tagged', { SourceIdentity }));
    assert.equal(answered, 'ada');
    assert.equal((await failureOf(list(anonymous))).code, 'AccessDenied');
  });

  it('needs sts:SetSourceIdentity in the trust policy', async () => {
    const failure = await failureOf(assume(worker, 'plain', { SourceIdentity }));

    assert.equal(failure.code, 'AccessDenied');
    assert.match(failure.message, /perform: sts:SetSourceIdentity/);
  });

  it('goes along to the next role, where it must be allowed, too, and cannot be changed', async () => {
    const as = await session(worker, 'tagged', { SourceIdentity });

    await list(await session(as, 'next'));
    const changed = await failureOf(assume(as, 'next', { SourceIdentity: 'bob' }));
    const notAllowed = await failureOf(assume(as, 'strict'));

    assert.match(changed.message, /perform: sts:SetSourceIdentity/);
    assert.match(notAllowed.message, /perform: sts:SetSourceIdentity/);
  });
});
