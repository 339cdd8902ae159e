import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachRolePolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  type IAMClient,
  ListAccessKeysCommand,
  ListAccountAliasesCommand,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListPoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  ListBucketsCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { createUserWithKey, failureOf, iamOf, policy, root, s3Of } from '../testing/clients.ts';

const everything = policy({ Effect: 'Allow', Action: '*', Resource: '*' });
const trustsOperator = policy({
  Effect: 'Allow',
  Principal: { AWS: '111111111111' },
  Action: 'sts:AssumeRole',
});
let sandbox: Sandbox;
let iam: IAMClient;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  iam = iamOf(sandbox, root.acme);
});
after(() => sandbox.close());

describe('users and access keys', () => {
  it('are created, found, listed and deleted', async () => {
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'ann', Path: '/staff/' }));
    const again = await failureOf(iam.send(new CreateUserCommand({ UserName: 'ann' })));
    const got = await iam.send(new GetUserCommand({ UserName: 'ann' }));
    const { Users } = await iam.send(new ListUsersCommand({ PathPrefix: '/staff/' }));
    await iam.send(new DeleteUserCommand({ UserName: 'ann' }));
    const missing = await failureOf(iam.send(new GetUserCommand({ UserName: 'ann' })));

    assert.equal(User?.Arn, 'arn:aws:iam::222222222222:user/staff/ann');
    assert.equal(again.code, 'EntityAlreadyExists');
    assert.equal(again.status, 409);
    assert.deepEqual(got.User, User);
    assert.deepEqual(Users, [User]);
    assert.equal(missing.code, 'NoSuchEntity');
    assert.equal(missing.status, 404);
    assert.equal(missing.message, 'The user with name ann cannot be found.');
  });

  it('have two keys at most, which work while they are active', async () => {
    const credentials = await createUserWithKey(sandbox, root.acme, 'bob', [
      { Effect: 'Allow', Action: ['s3:*', 'iam:*'], Resource: '*' },
    ]);
    const second = await iam.send(new CreateAccessKeyCommand({ UserName: 'bob' }));
    const third = await failureOf(iam.send(new CreateAccessKeyCommand({ UserName: 'bob' })));
    const s3 = s3Of(sandbox, credentials);
    const key = { UserName: 'bob', AccessKeyId: credentials.accessKeyId };

    await s3.send(new ListBucketsCommand({}));
    const own = await iamOf(sandbox, credentials).send(new ListAccessKeysCommand({}));
    await iam.send(new UpdateAccessKeyCommand({ ...key, Status: 'Inactive' }));
    const inactive = await failureOf(s3.send(new ListBucketsCommand({})));
    await iam.send(new UpdateAccessKeyCommand({ ...key, Status: 'Active' }));
    await s3.send(new ListBucketsCommand({}));
    await iam.send(new DeleteAccessKeyCommand(key));
    const deleted = await failureOf(s3.send(new ListBucketsCommand({})));

    assert.match(second.AccessKey?.AccessKeyId ?? '', /^AKIA[A-Z2-7]{16}$/);
    assert.equal(third.code, 'LimitExceeded');
    assert.equal(own.AccessKeyMetadata?.length, 2);
    assert.equal(inactive.code, 'InvalidAccessKeyId');
    assert.equal(deleted.code, 'InvalidAccessKeyId');
  });

  it('are not deleted while something hangs on them', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'eve' }));
    await iam.send(
      new PutUserPolicyCommand({ UserName: 'eve', PolicyName: 'p', PolicyDocument: everything }),
    );
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'eve' }));
    const remove = () => iam.send(new DeleteUserCommand({ UserName: 'eve' }));

    const withKey = await failureOf(remove());
    await iam.send(
      new DeleteAccessKeyCommand({ UserName: 'eve', AccessKeyId: AccessKey?.AccessKeyId }),
    );
    const withPolicy = await failureOf(remove());
    await iam.send(new DeleteUserPolicyCommand({ UserName: 'eve', PolicyName: 'p' }));
    await remove();

    assert.equal(withKey.code, 'DeleteConflict');
    assert.equal(withKey.message, 'Cannot delete entity, must delete access keys first.');
    assert.equal(withPolicy.message, 'Cannot delete entity, must delete policies first.');
  });

  it('are refused in the words of AWS when their names are none', async () => {
    const wrong = await failureOf(iam.send(new CreateUserCommand({ UserName: 'a b' })));
    const missing = await failureOf(iam.send(new CreateUserCommand({ UserName: undefined })));

    assert.equal(wrong.code, 'ValidationError');
    assert.match(wrong.message, /Value 'a b' at 'userName' failed to satisfy constraint/);
    assert.match(
      missing.message,
      /Value null at 'userName' failed to satisfy constraint: Member must not be null/,
    );
  });

  it('have names that differ in more than letter case', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'Cased' }));

    const failure = await failureOf(iam.send(new CreateUserCommand({ UserName: 'cased' })));

    assert.equal(failure.code, 'EntityAlreadyExists');
  });

  it('are listed page by page', async () => {
    for (let i = 0; i < 5; i++)
      await iam.send(new CreateUserCommand({ UserName: `page-${i}`, Path: '/pages/' }));
    const page = await iam.send(new ListUsersCommand({ PathPrefix: '/pages/', MaxItems: 3 }));
    const rest = await iam.send(
      new ListUsersCommand({ PathPrefix: '/pages/', Marker: page.Marker }),
    );

    assert.equal(page.IsTruncated, true);
    assert.deepEqual(
      [...(page.Users ?? []), ...(rest.Users ?? [])].map(({ UserName }) => UserName),
      ['page-0', 'page-1', 'page-2', 'page-3', 'page-4'],
    );
  });
});

describe('roles', () => {
  it('are created, found, listed and deleted with their policies', async () => {
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: 'causeway',
        AssumeRolePolicyDocument: trustsOperator,
        Description: 'delivers',
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'causeway',
        PolicyName: 'p',
        PolicyDocument: everything,
      }),
    );
    const got = await iam.send(new GetRoleCommand({ RoleName: 'causeway' }));
    const inline = await iam.send(
      new GetRolePolicyCommand({ RoleName: 'causeway', PolicyName: 'p' }),
    );
    const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName: 'causeway' }));
    const conflict = await failureOf(iam.send(new DeleteRoleCommand({ RoleName: 'causeway' })));
    const { Roles } = await iam.send(new ListRolesCommand({}));
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'causeway', PolicyName: 'p' }));
    const gone = await failureOf(
      iam.send(new DeleteRolePolicyCommand({ RoleName: 'causeway', PolicyName: 'p' })),
    );
    await iam.send(new DeleteRoleCommand({ RoleName: 'causeway' }));

    assert.equal(Role?.Arn, 'arn:aws:iam::222222222222:role/causeway');
    assert.equal(decodeURIComponent(got.Role?.AssumeRolePolicyDocument ?? ''), trustsOperator);
    assert.equal(got.Role?.MaxSessionDuration, 3600);
    assert.equal(decodeURIComponent(inline.PolicyDocument ?? ''), everything);
    assert.deepEqual(PolicyNames, ['p']);
    assert.equal(conflict.code, 'DeleteConflict');
    assert.ok(Roles?.some(({ RoleName }) => RoleName === 'causeway'));
    assert.equal(gone.message, 'The role policy with name p cannot be found.');
  });

  it('refuse policies that are none, and say where', async () => {
    const create = (document: string) =>
      failureOf(
        iam.send(
          new CreateRoleCommand({ RoleName: 'refused', AssumeRolePolicyDocument: document }),
        ),
      );

    const broken = await create('{"Version": "2012-10-17",\n "Statement": }');
    const notTrust = await create(everything);
    const nobody = await create(
      policy({
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111111111111:role/unknown' },
        Action: 'sts:AssumeRole',
      }),
    );
    const account = await create(
      policy({ Effect: 'Allow', Principal: { AWS: '999999999999' }, Action: 'sts:AssumeRole' }),
    );

    for (const failure of [broken, notTrust, nobody, account]) {
      assert.equal(failure.code, 'MalformedPolicyDocument');
      assert.equal(failure.status, 400);
    }
    assert.match(broken.message, /line 2/);
    assert.equal(
      nobody.message,
      'Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:role/unknown"',
    );
    assert.equal(
      (await failureOf(iam.send(new GetRoleCommand({ RoleName: 'refused' })))).code,
      'NoSuchEntity',
    );
  });

  it('do not exist until they are created', async () => {
    const update = await failureOf(
      iam.send(
        new UpdateAssumeRolePolicyCommand({ RoleName: 'unknown', PolicyDocument: trustsOperator }),
      ),
    );

    assert.equal(update.message, 'The role with name unknown cannot be found.');
  });
});

describe('managed policies and boundaries', () => {
  it('are attached, found and detached', async () => {
    await iam.send(
      new CreateRoleCommand({ RoleName: 'attached', AssumeRolePolicyDocument: trustsOperator }),
    );
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'all', PolicyDocument: everything }),
    );
    const PolicyArn = Policy?.Arn ?? '';
    const taken = await failureOf(
      iam.send(new CreatePolicyCommand({ PolicyName: 'all', PolicyDocument: everything })),
    );
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'attached', PolicyArn }));
    const { AttachedPolicies } = await iam.send(
      new ListAttachedRolePoliciesCommand({ RoleName: 'attached' }),
    );
    const version = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    const held = await failureOf(iam.send(new DeletePolicyCommand({ PolicyArn })));
    const inUse = await failureOf(iam.send(new DeleteRoleCommand({ RoleName: 'attached' })));
    const counted = await iam.send(new GetPolicyCommand({ PolicyArn }));
    await iam.send(new DetachRolePolicyCommand({ RoleName: 'attached', PolicyArn }));
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
    const { Policies } = await iam.send(new ListPoliciesCommand({ Scope: 'Local' }));
    const unknown = await failureOf(
      iam.send(new AttachRolePolicyCommand({ RoleName: 'attached', PolicyArn })),
    );

    assert.equal(PolicyArn, 'arn:aws:iam::222222222222:policy/all');
    assert.equal(taken.code, 'EntityAlreadyExists');
    assert.deepEqual(AttachedPolicies, [{ PolicyName: 'all', PolicyArn }]);
    assert.equal(decodeURIComponent(version.PolicyVersion?.Document ?? ''), everything);
    assert.equal(held.code, 'DeleteConflict');
    assert.equal(inUse.message, 'Cannot delete entity, must detach all policies first.');
    assert.equal(counted.Policy?.AttachmentCount, 1);
    assert.deepEqual(Policies, []);
    assert.equal(unknown.code, 'NoSuchEntity');
  });

  it('bound what a user may do, whatever else allows it', async () => {
    const credentials = await createUserWithKey(sandbox, root.acme, 'bounded', [
      { Effect: 'Allow', Action: '*', Resource: '*' },
    ]);
    await iam.send(
      new PutUserPermissionsBoundaryCommand({
        UserName: 'bounded',
        PermissionsBoundary: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
      }),
    );
    const s3 = s3Of(sandbox, credentials);

    await s3.send(new ListBucketsCommand({}));
    const failure = await failureOf(s3.send(new CreateBucketCommand({ Bucket: 'acme-bounded' })));

    assert.match(
      failure.message,
      /because no permissions boundary allows the s3:CreateBucket action$/,
    );
  });
});

describe('users and roles, as tools use them', () => {
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
    await iam.send(new CreateUserCommand({ UserName: 'taken' }));
    const taken = await failureOf(
      iam.send(new UpdateUserCommand({ UserName: 'new-name', NewUserName: 'taken' })),
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

describe('authorisation of IAM requests', () => {
  it('says who may not do what, and why', async () => {
    const credentials = await createUserWithKey(sandbox, root.acme, 'plain', []);

    const failure = await failureOf(
      iamOf(sandbox, credentials).send(new CreateUserCommand({ UserName: 'more' })),
    );

    assert.equal(failure.code, 'AccessDenied');
    assert.equal(
      failure.message,
      'User: arn:aws:iam::222222222222:user/plain is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::222222222222:user/more because no identity-based policy allows the iam:CreateUser action',
    );
  });

  it('lets a user change itself where its policy says so by variable', async () => {
    const credentials = await createUserWithKey(sandbox, root.acme, 'selfish', [
      {
        Effect: 'Allow',
        Action: 'iam:*AccessKey*',
        Resource: ['arn:aws:iam::*:user/$', '{aws:username}'].join(''),
      },
    ]);
    const own = iamOf(sandbox, credentials);

    await own.send(new CreateAccessKeyCommand({}));
    const failure = await failureOf(own.send(new CreateAccessKeyCommand({ UserName: 'plain' })));

    assert.equal(failure.code, 'AccessDenied');
  });

  it('keeps accounts apart', async () => {
    const { Users } = await iamOf(sandbox, root.globex).send(new ListUsersCommand({}));

    assert.deepEqual(Users, []);
  });
});

describe('bucket policies', () => {
  it('are refused when they are none, or about something else', async () => {
    const s3 = s3Of(sandbox, root.acme);
    await s3.send(new CreateBucketCommand({ Bucket: 'acme-policies' }));
    const put = (document: string) =>
      failureOf(s3.send(new PutBucketPolicyCommand({ Bucket: 'acme-policies', Policy: document })));
    const statement = { Effect: 'Allow', Action: 's3:GetObject' };

    const broken = await put('not json');
    const other = await put(
      policy({ ...statement, Principal: '*', Resource: 'arn:aws:s3:::other/*' }),
    );
    const nobody = await put(
      policy({
        ...statement,
        Principal: { AWS: 'arn:aws:iam::111111111111:user/unknown' },
        Resource: 'arn:aws:s3:::acme-policies/*',
      }),
    );
    const noPrincipal = await put(
      policy({ ...statement, Resource: 'arn:aws:s3:::acme-policies/*' }),
    );

    for (const failure of [broken, other, nobody, noPrincipal])
      assert.equal(failure.code, 'MalformedPolicy');
    assert.equal(broken.message, "Policies must be valid JSON and the first byte must be '{'");
    assert.equal(other.message, 'Policy has invalid resource');
    assert.equal(nobody.message, 'Invalid principal in policy');
  });
});
