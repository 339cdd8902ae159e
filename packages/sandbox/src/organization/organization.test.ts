import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CreateRoleCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { SandboxError } from '../sandbox-error.ts';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import {
  acme,
  type Credentials,
  createUserWithKey,
  failureOf,
  globex,
  iamOf,
  kmsOf,
  operator,
  policy,
  root,
  s3Of,
  sqsOf,
  stsOf,
} from '../testing/clients.ts';
import type { OrganizationConfig } from './read-organization.ts';

const organizationId = 'o-exampleorgid';
const everything = [{ Effect: 'Allow', Action: '*', Resource: '*' }];

/** The operator manages; acme is in a unit of its own; globex is no member. */
const organization: OrganizationConfig = {
  id: organizationId,
  managementAccount: operator,
  root: {
    serviceControlPolicies: {
      KeepBuckets: document({ Effect: 'Deny', Action: 's3:DeleteBucket', Resource: '*' }),
    },
    accounts: [operator],
    units: [
      {
        id: 'ou-root-customers',
        fullAwsAccess: false,
        serviceControlPolicies: {
          OnlyStorage: document({
            Effect: 'Allow',
            Action: ['s3:*', 'sts:*', 'iam:Create*', 'iam:PutUserPolicy'],
            Resource: '*',
          }),
        },
        resourceControlPolicies: {
          OnlyOurs: document({
            Effect: 'Deny',
            Principal: '*',
            Action: ['s3:ListBucket', 'sts:AssumeRole'],
            Resource: '*',
            Condition: { StringNotEquals: { 'aws:PrincipalOrgID': organizationId } },
          }),
        },
        accounts: [{ id: acme }],
      },
    ],
  },
};
let sandbox: Sandbox;
let user: Credentials;
let stranger: Credentials;
let manager: Credentials;

before(async () => {
  sandbox = await startSandbox({ port: 0, organization });
  manager = await createUserWithKey(sandbox, root.operator, 'manager', everything);
  stranger = await createUserWithKey(sandbox, root.globex, 'stranger', everything);
  user = await createUserWithKey(sandbox, root.acme, 'user', everything);
  await s3Of(sandbox, root.acme).send(new CreateBucketCommand({ Bucket: 'acme-org' }));
});
after(() => sandbox.close());

function document(statement: object): object {
  return { Version: '2012-10-17', Statement: [statement] };
}

const list = (as: Credentials) =>
  s3Of(sandbox, as).send(new ListObjectsV2Command({ Bucket: 'acme-org' }));

describe('service control policies', () => {
  it('deny at any level, also what the root user of a member does', async () => {
    const asUser = await failureOf(
      s3Of(sandbox, user).send(new DeleteBucketCommand({ Bucket: 'acme-org' })),
    );
    const asRoot = await failureOf(
      s3Of(sandbox, root.acme).send(new DeleteBucketCommand({ Bucket: 'acme-org' })),
    );

    for (const failure of [asUser, asRoot]) {
      assert.equal(failure.code, 'AccessDenied');
      assert.match(failure.message, /with an explicit deny in a service control policy/);
    }
  });

  it('leave nothing that a level does not allow', async () => {
    const failure = await failureOf(iamOf(sandbox, user).send(new ListUsersCommand({})));

    assert.match(
      failure.message,
      /because no service control policy allows the iam:ListUsers action$/,
    );
  });

  it('hold for KMS and SQS alike', async () => {
    const refused = [
      await failureOf(kmsOf(sandbox, root.acme).send(new CreateKeyCommand({}))),
      await failureOf(
        sqsOf(sandbox, root.acme).send(new CreateQueueCommand({ QueueName: 'arrivals' })),
      ),
    ];

    for (const { code, message } of refused) {
      assert.match(code, /AccessDenied/);
      assert.match(message, /because no service control policy allows the (kms|sqs):create/i);
    }
  });

  it('let through what every level allows', async () => {
    await s3Of(sandbox, user).send(new ListBucketsCommand({}));
  });

  it('do not bind the management account, nor accounts beyond the organization', async () => {
    for (const [as, Bucket] of [
      [manager, 'operator-own'],
      [stranger, 'globex-own'],
    ] as const) {
      const s3 = s3Of(sandbox, as);
      await s3.send(new CreateBucketCommand({ Bucket }));
      await s3.send(new DeleteBucketCommand({ Bucket }));
    }
  });

  it('leave GetCallerIdentity to everybody', async () => {
    const { Account } = await stsOf(sandbox, user).send(new GetCallerIdentityCommand({}));

    assert.equal(Account, acme);
  });
});

describe('resource control policies', () => {
  it('keep strangers from the resources of a member, whatever the bucket policy allows', async () => {
    await s3Of(sandbox, root.acme).send(
      new PutBucketPolicyCommand({
        Bucket: 'acme-org',
        Policy: policy({
          Effect: 'Allow',
          Principal: { AWS: [globex, operator] },
          Action: 's3:ListBucket',
          Resource: 'arn:aws:s3:::acme-org',
        }),
      }),
    );

    const failure = await failureOf(list(stranger));
    await list(manager);
    await list(user);
    const [last] = await lastRequests();

    assert.equal(failure.code, 'AccessDenied');
    assert.equal(last?.decision, 'allowed');
  });

  it('keep strangers from its roles, too', async () => {
    await iamOf(sandbox, root.acme).send(
      new CreateRoleCommand({
        RoleName: 'open',
        AssumeRolePolicyDocument: policy({
          Effect: 'Allow',
          Principal: { AWS: '*' },
          Action: 'sts:AssumeRole',
        }),
      }),
    );
    const assume = (as: Credentials) =>
      stsOf(sandbox, as).send(
        new AssumeRoleCommand({
          RoleArn: `arn:aws:iam::${acme}:role/open`,
          RoleSessionName: 'run-1',
        }),
      );

    const failure = await failureOf(assume(stranger));
    const [refused] = await lastRequests();
    await assume(manager);

    assert.equal(failure.code, 'AccessDenied');
    assert.equal(refused?.decision, 'explicit_deny');
    assert.equal(refused.statements[0]?.policy, 'OnlyOurs');
  });
});

describe('condition keys of an organization', () => {
  it('tell members from strangers in a bucket policy', async () => {
    const own = s3Of(sandbox, root.globex);
    await own.send(new CreateBucketCommand({ Bucket: 'globex-shared' }));
    await own.send(
      new PutBucketPolicyCommand({
        Bucket: 'globex-shared',
        Policy: policy({
          Effect: 'Allow',
          Principal: { AWS: [acme, operator] },
          Action: 's3:ListBucket',
          Resource: 'arn:aws:s3:::globex-shared',
          Condition: {
            StringEquals: {
              'aws:PrincipalOrgID': organizationId,
              'aws:PrincipalOrgMasterAccount': operator,
            },
            'ForAnyValue:StringLike': {
              'aws:PrincipalOrgPaths': `${organizationId}/r-root/ou-root-customers/*`,
            },
          },
        }),
      }),
    );
    const look = (as: Credentials) =>
      s3Of(sandbox, as).send(new ListObjectsV2Command({ Bucket: 'globex-shared' }));

    assert.equal((await look(user)).KeyCount, 0);
    assert.equal((await failureOf(look(manager))).code, 'AccessDenied');
  });

  it('tell members where a resource belongs', async () => {
    const inside = await createUserWithKey(sandbox, root.acme, 'inside', [
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: '*',
        Condition: { StringEquals: { 'aws:ResourceOrgID': organizationId } },
      },
    ]);
    await s3Of(sandbox, root.globex).send(new CreateBucketCommand({ Bucket: 'globex-open' }));
    await s3Of(sandbox, root.globex).send(
      new PutBucketPolicyCommand({
        Bucket: 'globex-open',
        Policy: policy({
          Effect: 'Allow',
          Principal: { AWS: acme },
          Action: 's3:ListBucket',
          Resource: 'arn:aws:s3:::globex-open',
        }),
      }),
    );

    await list(inside);
    const beyond = await failureOf(
      s3Of(sandbox, inside).send(new ListObjectsV2Command({ Bucket: 'globex-open' })),
    );

    assert.equal(beyond.code, 'AccessDenied');
  });
});

describe('an organization in the configuration', () => {
  it('is refused with every fault named by its place', async () => {
    const started = startSandbox({
      port: 0,
      organization: {
        id: 'example',
        managementAccount: globex,
        root: {
          serviceControlPolicies: {
            Broken: { Version: '2012-10-17', Statement: [{ Effect: 'Maybe', Action: '*' }] },
          },
          accounts: ['999999999999', { id: acme, scps: {} } as never],
          units: [{ accounts: [acme] }],
        },
      },
    });

    await assert.rejects(started, (error: unknown) => {
      assert.ok(error instanceof SandboxError);
      assert.equal(error.code, 'config_invalid');
      for (const expected of [
        /organization\.id is "example", not an id such as "o-exampleorgid"/,
        /organization\.root\.serviceControlPolicies\.Broken is refused: .*Maybe/,
        /organization\.root\.accounts\[0\] is "999999999999", which is no account of the sandbox/,
        /organization\.root\.accounts\[1\] has the unknown key "scps"/,
        /organization\.root\.units\[0\]\.accounts\[0\] is "222222222222", which is in the organization already/,
        /organization\.managementAccount is "333333333333", which is no account of the organization/,
      ]) {
        assert.match(error.message, expected);
      }
      return true;
    });
  });
});

interface Recorded {
  readonly decision: string;
  readonly statements: readonly { readonly policy: string }[];
}

async function lastRequests(): Promise<readonly Recorded[]> {
  const answer = await fetch(`${sandbox.url}/_sandbox/requests?last=1`);
  return ((await answer.json()) as { requests: readonly Recorded[] }).requests;
}
