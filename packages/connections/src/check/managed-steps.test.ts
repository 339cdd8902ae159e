import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  type IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  DeleteBucketCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type CheckReport, isCauseCode, type ManagedConnection } from '@causeway/contract';
import { type Sandbox, startSandbox } from '@causeway/sandbox';
import { accountClients, createOperator, operatorAccount } from '@causeway/sandbox/clients';
import type { Keys } from '../testing/customer-user.ts';
import { customerAccount, operator } from '../testing/sample-customer.ts';
import { type ManagedAccessName, managedOperator, newManaged } from '../testing/sample-managed.ts';
import { checkConnection } from './check-connection.ts';

const stranger = '333333333333';
let sandbox: Sandbox;
let keys: Keys;
let ours: ReturnType<typeof managedOperator>;
let s3: S3Client;
let iam: IAMClient;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  keys = await createOperator(sandbox.url);
  ours = managedOperator(sandbox.url, keys);
  ({ s3, iam } = accountClients(sandbox.url, operatorAccount));
});
after(() => sandbox.close());

const check = (connection: ManagedConnection): Promise<CheckReport> =>
  checkConnection(connection, {
    operator,
    credentials: async () => keys,
    region: 'us-east-1',
    endpoint: sandbox.url,
  });

function faults({ steps }: CheckReport): string[] {
  return steps
    .filter(({ verdict }) => verdict === 'failed' || verdict === 'warned')
    .map(({ id, verdict, cause }) => `${id}: ${verdict} ${cause}`);
}

async function addStatement({ bucket: Bucket }: ManagedConnection, ...statements: object[]) {
  const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
  const policy = JSON.parse(Policy);
  policy.Statement.push(...statements);
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(policy) }));
}

const readBy = (connection: ManagedConnection, account: string) => ({
  Sid: 'Partner',
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action: 's3:GetObject',
  Resource: `${connection.bucketArn}/*`,
});

const trust = (account: string, condition: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Sid: 'CausewayAssume',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 'sts:AssumeRole',
      ...condition,
    },
  });

/** A change that somebody makes by hand, what the check must say of it, and how it is mended. */
interface Case {
  readonly name: string;
  readonly access: ManagedAccessName;
  readonly change: (made: ManagedConnection) => Promise<unknown>;
  readonly faults: readonly string[];
  readonly outcome: CheckReport['outcome'];
  readonly replace?: true;
}

const roleOf = (made: ManagedConnection) => `${made.bucket}-access`;

const cases: readonly Case[] = [
  {
    name: 'Block Public Access taken off',
    access: 'bucket_policy',
    change: ({ bucket }) => s3.send(new DeletePublicAccessBlockCommand({ Bucket: bucket })),
    faults: ['managed.settings: failed managed_settings_changed'],
    outcome: 'failing',
  },
  {
    name: 'ACLs turned on',
    access: 'operator_role',
    change: ({ bucket }) =>
      s3.send(
        new PutBucketOwnershipControlsCommand({
          Bucket: bucket,
          OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] },
        }),
      ),
    faults: ['managed.settings: failed managed_settings_changed'],
    outcome: 'failing',
  },
  {
    name: "default encryption with the account's own KMS key, which no other account can use",
    access: 'bucket_policy',
    change: ({ bucket }) =>
      s3.send(
        new PutBucketEncryptionCommand({
          Bucket: bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
          },
        }),
      ),
    faults: ['managed.settings: failed managed_settings_changed'],
    outcome: 'failing',
  },
  {
    name: 'the bucket deleted',
    access: 'bucket_policy',
    change: ({ bucket }) => s3.send(new DeleteBucketCommand({ Bucket: bucket })),
    faults: [
      'managed.settings: failed managed_bucket_missing',
      'bucket.region: failed bucket_not_found',
    ],
    outcome: 'failing',
  },
  {
    name: 'the bucket policy without our statements',
    access: 'bucket_policy',
    change: (made) =>
      s3.send(
        new PutBucketPolicyCommand({
          Bucket: made.bucket,
          Policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [readBy(made, customerAccount)],
          }),
        }),
      ),
    faults: ['managed.policy: failed managed_policy_changed'],
    outcome: 'failing',
  },
  {
    name: 'a statement for the customer added',
    access: 'bucket_policy',
    change: (made) => addStatement(made, readBy(made, customerAccount)),
    faults: ['managed.policy: warned managed_policy_extended'],
    outcome: 'healthy',
    replace: true,
  },
  {
    name: 'a statement for a stranger added',
    access: 'bucket_policy',
    change: (made) => addStatement(made, readBy(made, stranger)),
    faults: [
      'managed.policy: warned managed_policy_extended',
      'managed.policy_foreign: failed managed_policy_open',
    ],
    outcome: 'insecure',
    replace: true,
  },
  {
    name: 'the role deleted',
    access: 'operator_role',
    async change(made) {
      const RoleName = roleOf(made);
      await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'causeway' }));
      await iam.send(new DeleteRoleCommand({ RoleName }));
    },
    faults: ['managed.role: failed managed_role_changed'],
    outcome: 'failing',
  },
  {
    name: 'the role given more than its folders',
    access: 'operator_role',
    change: (made) =>
      iam.send(
        new PutRolePolicyCommand({
          RoleName: roleOf(made),
          PolicyName: 'causeway',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' },
          }),
        }),
      ),
    faults: ['managed.role: failed managed_role_changed'],
    outcome: 'failing',
  },
  {
    name: 'the role opened to a stranger',
    access: 'operator_role',
    change: (made) =>
      iam.send(
        new UpdateAssumeRolePolicyCommand({
          RoleName: roleOf(made),
          PolicyDocument: trust(stranger),
        }),
      ),
    faults: [
      'managed.role: failed managed_role_changed',
      'managed.role_foreign: failed managed_role_open',
    ],
    outcome: 'insecure',
  },
  {
    name: 'the role opened to us',
    access: 'operator_role',
    change: (made) =>
      iam.send(
        new UpdateAssumeRolePolicyCommand({
          RoleName: roleOf(made),
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: {
              Effect: 'Allow',
              Principal: { AWS: operator.principalArn },
              Action: 'sts:AssumeRole',
            },
          }),
        }),
      ),
    faults: [
      'managed.role: failed managed_role_changed',
      'managed.role_foreign: failed managed_role_open',
    ],
    outcome: 'insecure',
  },
];

describe('checkConnection() of a managed bucket', () => {
  for (const access of ['bucket_policy', 'operator_role'] as const) {
    it(`is healthy as it was made by ${access}`, async () => {
      const change = access === 'operator_role' ? { externalId: 'generated' } : {};
      const made = await ours.provision(
        newManaged(access, { capabilities: ['deliver', 'ingest', 'browse'], ...change }),
      );

      const report = await check(made);

      assert.deepEqual(faults(report), []);
      assert.equal(report.outcome, 'healthy');
      assert.equal(
        report.steps.some(({ id }) => id === 'managed.role_foreign'),
        access === 'operator_role',
      );
    });
  }

  it('says of a bucket that was not made yet what to do', async () => {
    const report = await check(newManaged('bucket_policy'));

    const step = report.steps.find(({ id }) => id === 'managed.settings');
    assert.equal(step?.cause, 'managed_bucket_missing');
    assert.match(step.fix?.text ?? '', /Provision the connection/);
  });

  for (const each of cases) {
    it(`finds ${each.name}, and provisioning mends it`, async () => {
      const made = await ours.provision(newManaged(each.access));
      await each.change(made);

      const report = await check(made);

      assert.deepEqual(faults(report), each.faults);
      assert.equal(report.outcome, each.outcome);
      for (const { verdict, side, cause, fix } of report.steps) {
        if (verdict !== 'failed') continue;
        assert.ok(cause && isCauseCode(cause), cause);
        assert.equal(side, 'operator');
        assert.ok(fix, cause);
      }
      await ours.provision(made, { bucketPolicy: each.replace ? 'replace' : 'merge' });
      const mended = await check(made);
      assert.equal(mended.outcome, 'healthy');
      assert.deepEqual(faults(mended), each.name === cases[4]?.name ? keptPartner : []);
    });
  }

  it('finds a role that asks for no external ID, or takes any', async () => {
    const made = await ours.provision(newManaged('operator_role', { externalId: 'generated' }));
    const RoleName = roleOf(made);
    const conditions = [{}, { Condition: { StringLike: { 'sts:ExternalId': '*' } } }];

    for (const condition of conditions) {
      const PolicyDocument = trust(customerAccount, condition);
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
      const report = await check(made);

      assert.equal(report.outcome, 'insecure');
      assert.equal(faults(report).at(-1), 'managed.role_foreign: failed managed_role_open');
    }
  });
});

/** What others have added stays when a policy is mended, and is told of. */
const keptPartner = ['managed.policy: warned managed_policy_extended'];
