import assert from 'node:assert/strict';
import { CreatePolicyCommand, type IAMClient } from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  type AssumeRoleCommandOutput,
} from '@aws-sdk/client-sts';
import type { Sandbox } from '../start-sandbox.ts';
import { type Credentials, policy, stsOf } from './clients.ts';

const listsBuckets = policy({
  Effect: 'Allow',
  Action: 's3:ListAllMyBuckets',
  Resource: '*',
});

/** Makes a managed policy, which lists buckets if not told otherwise, and answers with its ARN. */
export async function createPolicy(
  iam: IAMClient,
  name: string,
  document = listsBuckets,
): Promise<string> {
  const { Policy } = await iam.send(
    new CreatePolicyCommand({ PolicyName: name, PolicyDocument: document }),
  );
  return Policy?.Arn ?? '';
}

export function assumeRole(
  sandbox: Sandbox,
  as: Credentials,
  RoleArn: string,
  more: Partial<AssumeRoleCommandInput> = {},
): Promise<AssumeRoleCommandOutput> {
  return stsOf(sandbox, as).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'run-1', ...more }),
  );
}

/** The credentials of an answer of STS. Fails when it has none. */
export function credentialsOf(
  given: Pick<AssumeRoleCommandOutput, 'Credentials'>['Credentials'],
): Credentials {
  assert.ok(given?.AccessKeyId && given.SecretAccessKey && given.SessionToken);
  return {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    sessionToken: given.SessionToken,
  };
}
