import { STSClient } from '@aws-sdk/client-sts';
import {
  type Operator,
  operatorAccountMissing,
  operatorWithoutAccount,
} from '@causeway/connections';
import { CausewayError } from '@causeway/contract';
import { type CredentialProvider, callerIdentity } from '@causeway/objectstore';
import type { AwsConfiguration } from './configuration.ts';

/** Who the operator is towards its customers, and how it proves it. */
export interface OperatorIdentity extends Operator {
  readonly credentials: CredentialProvider;
}

/**
 * Finds out by STS whose credentials these are. A principal that was configured must
 * be of the same account.
 *
 * An operator without any credentials is one without an AWS account: it reaches buckets by
 * tokens and access keys, and whatever needs its account throws `operator_account_missing`.
 * That is refused where it cannot be meant: a principal was configured, or connections
 * that need the account are there.
 *
 * @throws CausewayError `configuration_invalid` without usable credentials;
 * `store_unavailable` when STS gives no answer.
 */
export async function identifyOperator(
  aws: AwsConfiguration,
  accountIsNeeded: () => Promise<boolean>,
): Promise<OperatorIdentity> {
  try {
    return await identify(aws);
  } catch (error) {
    if (!isWithoutCredentials(error)) throw error;
    if (aws.operatorPrincipalArn !== null || (await accountIsNeeded())) throw withoutCredentials();
    return Object.assign(operatorWithoutAccount(aws.region), {
      credentials: () => Promise.reject(operatorAccountMissing()),
    });
  }
}

async function identify(aws: AwsConfiguration): Promise<OperatorIdentity> {
  const credentials = credentialsOf(aws);
  const identity = await callerIdentity({
    region: aws.region,
    credentials,
    ...(aws.endpoint !== null && { endpoint: aws.endpoint }),
  });
  if (!identity.ok) {
    throw invalid(`the AWS credentials are refused by STS with ${identity.code}`);
  }
  const { accountId } = identity;
  const principalArn = aws.operatorPrincipalArn ?? principalOf(identity.arn);
  if (principalArn.split(':')[4] !== accountId) {
    throw invalid(
      `CAUSEWAY_OPERATOR_PRINCIPAL_ARN "${principalArn}" must be of account ${accountId}, to which the AWS credentials belong`,
    );
  }
  const otherPrincipalArn = aws.operatorOtherPrincipalArn;
  if (otherPrincipalArn !== null) refuseUnusable(otherPrincipalArn, principalArn);
  return {
    accountId,
    principalArn,
    ...(otherPrincipalArn !== null && { otherPrincipalArn }),
    region: aws.region,
    credentials,
  };
}

/** Roles are not assumed across partitions, and one principal is no move. */
function refuseUnusable(other: string, present: string): void {
  const name = `CAUSEWAY_OPERATOR_OTHER_PRINCIPAL_ARN "${other}"`;
  if (other === present) throw invalid(`${name} is the present principal: name the other one`);
  if (other.split(':')[1] === present.split(':')[1]) return;
  throw invalid(`${name} must be of the same partition as the present principal "${present}"`);
}

/** The role or user behind an identity: a session is not what a trust policy should name. */
function principalOf(arn: string): string {
  const [, partition, , accountId, kind, name] =
    /^arn:([^:]+):(iam|sts)::([0-9]{12}):([a-z-]+)(?:\/([^/]+))?/.exec(arn) ?? [];
  if (kind === 'user') return arn;
  if (kind === 'assumed-role') return `arn:${partition}:iam::${accountId}:role/${name}`;
  throw invalid(
    `the AWS credentials are those of "${arn}", which may not assume roles: give those of a role or user`,
  );
}

/** Without credentials of our own, those of the SDK's chain, which it renews itself. */
function credentialsOf(aws: AwsConfiguration): CredentialProvider {
  const { credentials } = aws;
  if (credentials !== null) return async () => credentials;
  return new STSClient({ region: aws.region }).config.credentials;
}

/** The chain has looked everywhere and found none; a place that does not answer is another error. */
function isWithoutCredentials(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return [error, cause].some(
    (each) => each instanceof Error && each.name === 'CredentialsProviderError',
  );
}

function withoutCredentials(): CausewayError {
  return invalid(
    'there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role',
  );
}

function invalid(issue: string): CausewayError {
  return new CausewayError('configuration_invalid', { issues: [issue] });
}
