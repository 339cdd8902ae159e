import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteUserCommand,
  DetachUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetGroupCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetUserCommand,
  type IAMClient,
  ListAccessKeysCommand,
  ListAccountAliasesCommand,
  ListAttachedGroupPoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListGroupPoliciesCommand,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  ListInstanceProfilesForRoleCommand,
  ListPoliciesCommand,
  ListPolicyTagsCommand,
  ListPolicyVersionsCommand,
  ListRoleTagsCommand,
  ListUsersCommand,
  ListUserTagsCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  RemoveUserFromGroupCommand,
  SetDefaultPolicyVersionCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
  TagPolicyCommand,
  TagRoleCommand,
  TagUserCommand,
  UntagRoleCommand,
  UpdateRoleCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
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

const trustsOperator = policy({
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${operator}:root` },
  Action: 'sts:AssumeRole',
});
const listsBuckets = policy({ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' });
const everything = policy({ Effect: 'Allow', Action: '*', Resource: '*' });
let sandbox: Sandbox;
let iam: IAMClient;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  iam = iamOf(sandbox, root.acme);
});
after(() => sandbox.close());

async function createPolicy(name: string, document = listsBuckets): Promise<string> {
  const { Policy } = await iam.send(
    new CreatePolicyCommand({ PolicyName: name, PolicyDocument: document }),
  );
  return Policy?.Arn ?? '';
}

describe('groups', () => {
  it('lend their policies to their members', async () => {
    const credentials = await createUserWithKey(sandbox, root.acme, 'member', []);
    const GroupName = 'readers';
    await iam.send(new CreateGroupCommand({ GroupName }));
    await iam.send(
      new PutGroupPolicyCommand({ GroupName, PolicyName: 'list', PolicyDocument: listsBuckets }),
    );
    const list = () => s3Of(sandbox, credentials).send(new ListBucketsCommand({}));

    const before = await failureOf(list());
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName: 'member' }));
    await list();
    const { Groups } = await iam.send(new ListGroupsForUserCommand({ UserName: 'member' }));
    const { Users, Group } = await iam.send(new GetGroupCommand({ GroupName }));
    const { PolicyNames } = await iam.send(new ListGroupPoliciesCommand({ GroupName }));
    await iam.send(new RemoveUserFromGroupCommand({ GroupName, UserName: 'member' }));
    const afterwards = await failureOf(list());

    assert.equal(before.code, 'AccessDenied');
    assert.deepEqual(
      Groups?.map((group) => group.GroupName),
      ['readers'],
    );
    assert.match(Group?.GroupId ?? '', /^AGPA/);
    assert.deepEqual(
      Users?.map((user) => user.UserName),
      ['member'],
    );
    assert.deepEqual(PolicyNames, ['list']);
    assert.equal(afterwards.code, 'AccessDenied');
  });

  it('are not deleted with members or policies, nor their members with them', async () => {
    const GroupName = 'kept';
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
    await iam.send(new CreateGroupCommand({ GroupName, Path: '/teams/' }));
    await iam.send(new CreateUserCommand({ UserName: 'grouped' }));
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName: 'grouped' }));
    await iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn }));

    const { AttachedPolicies } = await iam.send(
      new ListAttachedGroupPoliciesCommand({ GroupName }),
    );
    const { Groups } = await iam.send(new ListGroupsCommand({ PathPrefix: '/teams/' }));
    const withMember = await failureOf(iam.send(new DeleteGroupCommand({ GroupName })));
    const member = await failureOf(iam.send(new DeleteUserCommand({ UserName: 'grouped' })));
    await iam.send(new RemoveUserFromGroupCommand({ GroupName, UserName: 'grouped' }));
    const withPolicy = await failureOf(iam.send(new DeleteGroupCommand({ GroupName })));

    assert.deepEqual(AttachedPolicies, [{ PolicyName: 'AmazonS3ReadOnlyAccess', PolicyArn }]);
    assert.equal(Groups?.[0]?.Arn, 'arn:aws:iam::222222222222:group/teams/kept');
    assert.equal(withMember.code, 'DeleteConflict');
    assert.equal(member.message, 'Cannot delete entity, must remove users from group first.');
    assert.equal(withPolicy.message, 'Cannot delete entity, must detach all policies first.');
  });
});

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
    const PolicyArn = await createPolicy('tagged');
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

describe('versions of managed policies', () => {
  it('decide by the default one', async () => {
    const credentials = await createUserWithKey(sandbox, root.acme, 'versioned', []);
    const PolicyArn = await createPolicy('versioned');
    await iam.send(new AttachUserPolicyCommand({ UserName: 'versioned', PolicyArn }));
    const create = (Bucket: string) =>
      s3Of(sandbox, credentials).send(new CreateBucketCommand({ Bucket }));

    const { PolicyVersion } = await iam.send(
      new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: everything }),
    );
    const before = await failureOf(create('acme-versioned'));
    await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
    await create('acme-versioned');
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));

    assert.equal(PolicyVersion?.VersionId, 'v2');
    assert.equal(PolicyVersion.IsDefaultVersion, false);
    assert.equal(before.code, 'AccessDenied');
    assert.equal(Policy?.DefaultVersionId, 'v2');
  });

  it('are five at most, and never come back under an old number', async () => {
    const PolicyArn = await createPolicy('limited');
    const create = () =>
      iam.send(
        new CreatePolicyVersionCommand({
          PolicyArn,
          PolicyDocument: everything,
          SetAsDefault: true,
        }),
      );
    for (let n = 2; n <= 5; n++) await create();

    const full = await failureOf(create());
    const inUse = await failureOf(
      iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v5' })),
    );
    await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v5' }));
    const gone = await failureOf(
      iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v5' })),
    );
    const { PolicyVersion } = await create();
    const { Versions } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
    const notAlone = await failureOf(iam.send(new DeletePolicyCommand({ PolicyArn })));

    assert.equal(full.code, 'LimitExceeded');
    assert.equal(inUse.code, 'DeleteConflict');
    assert.equal(gone.code, 'NoSuchEntity');
    assert.equal(PolicyVersion?.VersionId, 'v6');
    assert.deepEqual(
      Versions?.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion]),
      [
        ['v6', true],
        ['v4', false],
        ['v3', false],
        ['v2', false],
        ['v1', false],
      ],
    );
    assert.equal(notAlone.code, 'DeleteConflict');
  });

  it('tell whom the policy is attached to, and which policies there are', async () => {
    const PolicyArn = await createPolicy('held');
    await iam.send(new CreateUserCommand({ UserName: 'holder' }));
    await iam.send(new CreateUserCommand({ UserName: 'bound', PermissionsBoundary: PolicyArn }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'holder', PolicyArn }));

    const attached = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }));
    const bounds = await iam.send(
      new ListEntitiesForPolicyCommand({ PolicyArn, PolicyUsageFilter: 'PermissionsBoundary' }),
    );
    const { Policies } = await iam.send(
      new ListPoliciesCommand({ Scope: 'Local', OnlyAttached: true }),
    );
    const ofAws = await iam.send(new ListPoliciesCommand({ Scope: 'AWS' }));

    assert.deepEqual(
      attached.PolicyUsers?.map((user) => user.UserName),
      ['holder'],
    );
    assert.deepEqual(
      bounds.PolicyUsers?.map((user) => user.UserName),
      ['bound'],
    );
    assert.ok(Policies?.some((one) => one.Arn === PolicyArn));
    assert.ok(ofAws.Policies?.some((one) => one.PolicyName === 'AdministratorAccess'));
  });
});

describe('limits', () => {
  it('hold for attached and inline policies', async () => {
    const UserName = 'limited';
    await iam.send(new CreateUserCommand({ UserName }));
    for (let n = 0; n < 10; n++) {
      const PolicyArn = await createPolicy(`limit-${n}`);
      await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    }
    const PolicyArn = await createPolicy('limit-last');

    const attached = await failureOf(
      iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn })),
    );
    const large = policy({
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: [...Array(60).keys()].map((n) => `arn:aws:s3:::acme-data/some/prefix/${n}/*`),
    });
    const inline = await failureOf(
      iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'x', PolicyDocument: large })),
    );
    const notAttached = await failureOf(
      iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn })),
    );

    assert.equal(attached.code, 'LimitExceeded');
    assert.equal(attached.message, 'Cannot exceed quota for PoliciesPerUser: 10');
    assert.equal(inline.message, 'Maximum policy size of 2048 bytes exceeded for user limited');
    assert.equal(notAttached.code, 'NoSuchEntity');
  });
});

describe('users and roles', () => {
  it('are renamed with keys and policies', async () => {
    const credentials = await createUserWithKey(sandbox, root.acme, 'old-name', [
      { Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' },
    ]);

    await iam.send(
      new UpdateUserCommand({ UserName: 'old-name', NewUserName: 'new-name', NewPath: '/x/' }),
    );
    await s3Of(sandbox, credentials).send(new ListBucketsCommand({}));
    const { User } = await iam.send(new GetUserCommand({ UserName: 'new-name' }));
    const { AccessKeyMetadata } = await iam.send(
      new ListAccessKeysCommand({ UserName: 'new-name' }),
    );
    const used = await iam.send(
      new GetAccessKeyLastUsedCommand({ AccessKeyId: credentials.accessKeyId }),
    );
    const taken = await failureOf(
      iam.send(new UpdateUserCommand({ UserName: 'new-name', NewUserName: 'member' })),
    );

    assert.equal(User?.Arn, 'arn:aws:iam::222222222222:user/x/new-name');
    assert.equal(AccessKeyMetadata?.length, 1);
    assert.equal(used.UserName, 'new-name');
    assert.equal(used.AccessKeyLastUsed?.ServiceName, 's3');
    assert.equal(taken.code, 'EntityAlreadyExists');
  });

  it('are listed page by page', async () => {
    const names: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await iam.send(new ListUsersCommand({ MaxItems: 2, Marker }));
      names.push(...(page.Users ?? []).map((user) => user.UserName));
      Marker = page.IsTruncated ? page.Marker : undefined;
    } while (Marker !== undefined);

    assert.ok(names.length > 4);
    assert.equal(new Set(names).size, names.length);
  });

  it('answer what tools ask before they delete or read them', async () => {
    const RoleName = 'described';
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trustsOperator }));
    await iam.send(
      new UpdateRoleCommand({ RoleName, Description: 'one', MaxSessionDuration: 7200 }),
    );
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    const profiles = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }));
    const { AccountAliases } = await iam.send(new ListAccountAliasesCommand({}));

    assert.equal(Role?.Description, 'one');
    assert.equal(Role.MaxSessionDuration, 7200);
    assert.deepEqual(profiles.InstanceProfiles, []);
    assert.deepEqual(AccountAliases, ['acme']);
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

describe('simulation', () => {
  it('tells what a user may do, and which policy decides', async () => {
    await createUserWithKey(sandbox, root.acme, 'simulated', [
      { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-data/in/*' },
      { Effect: 'Deny', Action: 's3:DeleteObject', Resource: '*' },
    ]);

    const { EvaluationResults } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: 'arn:aws:iam::222222222222:user/simulated',
        ActionNames: ['s3:GetObject', 's3:DeleteObject', 's3:PutObject'],
        ResourceArns: ['arn:aws:s3:::acme-data/in/x'],
      }),
    );

    assert.deepEqual(
      EvaluationResults?.map(({ EvalActionName, EvalDecision, MatchedStatements }) => [
        EvalActionName,
        EvalDecision,
        MatchedStatements?.map((statement) => statement.SourcePolicyId),
      ]),
      [
        ['s3:GetObject', 'allowed', ['permissions']],
        ['s3:DeleteObject', 'explicitDeny', ['permissions']],
        ['s3:PutObject', 'implicitDeny', []],
      ],
    );
  });

  it('tells what policies would allow, by the context and the boundary given', async () => {
    const conditional = policy({
      Effect: 'Allow',
      Action: 's3:*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } },
    });
    const simulate = async (team: string) => {
      const { EvaluationResults } = await iam.send(
        new SimulateCustomPolicyCommand({
          PolicyInputList: [conditional],
          PermissionsBoundaryPolicyInputList: [listsBuckets],
          ActionNames: ['s3:ListAllMyBuckets', 's3:GetObject'],
          ContextEntries: [
            {
              ContextKeyName: 'aws:PrincipalTag/team',
              ContextKeyType: 'string',
              ContextKeyValues: [team],
            },
          ],
        }),
      );
      return EvaluationResults ?? [];
    };

    const blue = await simulate('blue');
    const red = await simulate('red');

    assert.deepEqual(
      blue.map((result) => result.EvalDecision),
      ['allowed', 'implicitDeny'],
    );
    assert.equal(blue[1]?.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary, false);
    assert.deepEqual(
      red.map((result) => result.EvalDecision),
      ['implicitDeny', 'implicitDeny'],
    );
  });

  it('refuses what it cannot simulate', async () => {
    const simulate = (PolicySourceArn: string) =>
      failureOf(
        iam.send(
          new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: ['s3:GetObject'] }),
        ),
      );

    assert.equal((await simulate('arn:aws:iam::222222222222:user/unknown')).code, 'NoSuchEntity');
    assert.equal((await simulate('arn:aws:s3:::acme-data-bucket')).code, 'InvalidInput');
  });
});
