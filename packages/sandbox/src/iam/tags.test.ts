import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetRoleCommand,
  type IAMClient,
  ListPolicyTagsCommand,
  ListRoleTagsCommand,
  ListUserTagsCommand,
  PutRolePolicyCommand,
  TagPolicyCommand,
  TagRoleCommand,
  TagUserCommand,
  UntagRoleCommand,
} from '@aws-sdk/client-iam';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import {
  createUserWithKey,
  failureOf,
  iamOf,
  operator,
  policy,
  root,
  s3Of,
} from '../testing/clients.ts';
import { createPolicy } from '../testing/iam-fixtures.ts';

const trustsOperator = policy({
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${operator}:root` },
  Action: 'sts:AssumeRole',
});
const everything = policy({ Effect: 'Allow', Action: '*', Resource: '*' });
let sandbox: Sandbox;
let iam: IAMClient;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  iam = iamOf(sandbox, root.acme);
});
after(() => sandbox.close());

describe('tags of IAM', () => {
  it('are put at creation, added, shown and taken away', async () => {
    await iam.send(
      new CreateRoleCommand({
        RoleName: 'tagged',
        AssumeRolePolicyDocument: trustsOperator,
        Tags: [{ Key: 'Team', Value: 'blue' }],
      }),
    );
    await iam.send(
      new TagRoleCommand({
        RoleName: 'tagged',
        Tags: [
          { Key: 'team', Value: 'red' },
          { Key: 'stage', Value: '' },
        ],
      }),
    );
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'tagged' }));
    await iam.send(new UntagRoleCommand({ RoleName: 'tagged', TagKeys: ['STAGE', 'unknown'] }));
    const { Tags } = await iam.send(new ListRoleTagsCommand({ RoleName: 'tagged' }));
    const PolicyArn = await createPolicy(iam, 'tagged');
    await iam.send(new TagPolicyCommand({ PolicyArn, Tags: [{ Key: 'a', Value: 'b' }] }));
    const ofPolicy = await iam.send(new ListPolicyTagsCommand({ PolicyArn }));

    assert.deepEqual(Role?.Tags, [
      { Key: 'team', Value: 'red' },
      { Key: 'stage', Value: '' },
    ]);
    assert.deepEqual(Tags, [{ Key: 'team', Value: 'red' }]);
    assert.deepEqual(ofPolicy.Tags, [{ Key: 'a', Value: 'b' }]);
  });

  it('are refused in the words of AWS', async () => {
    const tag = (...Tags: { Key: string; Value: string }[]) =>
      failureOf(iam.send(new CreateUserCommand({ UserName: 'untagged', Tags })));

    const twice = await tag({ Key: 'a', Value: '1' }, { Key: 'A', Value: '2' });
    const long = await tag({ Key: 'k'.repeat(129), Value: '' });
    const reserved = await tag({ Key: 'aws:x', Value: '' });
    const many = await tag(...[...Array(51).keys()].map((n) => ({ Key: `k${n}`, Value: '' })));

    assert.equal(twice.code, 'InvalidInput');
    assert.equal(
      twice.message,
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    );
    assert.match(long.message, /at 'tags\.1\.member\.key' failed .* less than or equal to 128/);
    assert.equal(reserved.code, 'InvalidInput');
    assert.match(many.message, /length less than or equal to 50/);
  });

  it('decide what a user may do, and what may be done to them', async () => {
    const credentials = await createUserWithKey(sandbox, root.acme, 'by-tag', [
      {
        Effect: 'Allow',
        Action: 's3:ListAllMyBuckets',
        Resource: '*',
        Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } },
      },
      {
        Effect: 'Allow',
        Action: 'iam:ListUserTags',
        Resource: '*',
        Condition: { StringEquals: { 'aws:ResourceTag/team': 'blue' } },
      },
      {
        Effect: 'Allow',
        Action: 'iam:TagUser',
        Resource: '*',
        Condition: { StringEquals: { 'aws:RequestTag/stage': 'test' } },
      },
    ]);
    const own = iamOf(sandbox, credentials);
    const list = () => s3Of(sandbox, credentials).send(new ListBucketsCommand({}));
    const UserName = 'by-tag';

    const before = await failureOf(list());
    await iam.send(new TagUserCommand({ UserName, Tags: [{ Key: 'team', Value: 'blue' }] }));
    await list();
    const { Tags } = await own.send(new ListUserTagsCommand({ UserName }));
    await own.send(new TagUserCommand({ UserName, Tags: [{ Key: 'stage', Value: 'test' }] }));
    const refused = await failureOf(
      own.send(new TagUserCommand({ UserName, Tags: [{ Key: 'stage', Value: 'live' }] })),
    );

    assert.equal(before.code, 'AccessDenied');
    assert.deepEqual(Tags, [{ Key: 'team', Value: 'blue' }]);
    assert.equal(refused.code, 'AccessDenied');
  });
});

describe('condition keys of IAM', () => {
  it('let an administrator attach one policy, and only within a boundary', async () => {
    const allowed = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
    const credentials = await createUserWithKey(sandbox, root.acme, 'delegate', [
      {
        Effect: 'Allow',
        Action: 'iam:AttachRolePolicy',
        Resource: '*',
        Condition: { ArnEquals: { 'iam:PolicyARN': allowed } },
      },
      {
        Effect: 'Allow',
        Action: ['iam:CreateRole', 'iam:PutRolePolicy'],
        Resource: '*',
        Condition: { StringEquals: { 'iam:PermissionsBoundary': allowed } },
      },
    ]);
    const own = iamOf(sandbox, credentials);
    const create = (RoleName: string, PermissionsBoundary?: string) =>
      own.send(
        new CreateRoleCommand({
          RoleName,
          AssumeRolePolicyDocument: trustsOperator,
          PermissionsBoundary,
        }),
      );
    const attach = (PolicyArn: string) =>
      own.send(new AttachRolePolicyCommand({ RoleName: 'delegated', PolicyArn }));

    await create('delegated', allowed);
    await attach(allowed);
    await own.send(
      new PutRolePolicyCommand({
        RoleName: 'delegated',
        PolicyName: 'x',
        PolicyDocument: everything,
      }),
    );
    const unbounded = await failureOf(create('unbounded'));
    const other = await failureOf(attach('arn:aws:iam::aws:policy/AdministratorAccess'));

    assert.equal(unbounded.code, 'AccessDenied');
    assert.equal(other.code, 'AccessDenied');
  });
});
