import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  AttachUserPolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DetachUserPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  type IAMClient,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  PutUserPolicyCommand,
  SetDefaultPolicyVersionCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { createUserWithKey, failureOf, iamOf, policy, root, s3Of } from '../testing/clients.ts';
import { createPolicy } from '../testing/iam-fixtures.ts';

const everything = policy({ Effect: 'Allow', Action: '*', Resource: '*' });
let sandbox: Sandbox;
let iam: IAMClient;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  iam = iamOf(sandbox, root.acme);
});
after(() => sandbox.close());

describe('versions of managed policies', () => {
  it('decide by the default one', async () => {
    const credentials = await createUserWithKey(sandbox, root.acme, 'versioned', []);
    const PolicyArn = await createPolicy(iam, 'versioned');
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
    const PolicyArn = await createPolicy(iam, 'limited');
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
    const PolicyArn = await createPolicy(iam, 'held');
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
      const PolicyArn = await createPolicy(iam, `limit-${n}`);
      await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    }
    const PolicyArn = await createPolicy(iam, 'limit-last');

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
    const tooLong = await failureOf(
      createPolicy(iam, 'too-long', large.replace('/59/', '7'.repeat(6000))),
    );
    const trust = await failureOf(
      iam.send(
        new CreateRoleCommand({
          RoleName: 'too-long',
          AssumeRolePolicyDocument: policy({
            Effect: 'Allow',
            Principal: { AWS: '*' },
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'sts:ExternalId': 'x'.repeat(2048) } },
          }),
        }),
      ),
    );
    const notAttached = await failureOf(
      iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn })),
    );

    assert.equal(attached.code, 'LimitExceeded');
    assert.equal(attached.message, 'Cannot exceed quota for PoliciesPerUser: 10');
    assert.equal(inline.message, 'Maximum policy size of 2048 bytes exceeded for user limited');
    assert.equal(tooLong.message, 'Cannot exceed quota for PolicySize: 6144');
    assert.equal(trust.message, 'Cannot exceed quota for ACLSizePerRole: 2048');
    assert.equal(notAttached.code, 'NoSuchEntity');
  });
});
