import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  type IAMClient,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { createUserWithKey, failureOf, iamOf, policy, root } from '../testing/clients.ts';

const listsBuckets = policy({ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' });
let sandbox: Sandbox;
let iam: IAMClient;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  iam = iamOf(sandbox, root.acme);
});
after(() => sandbox.close());

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
