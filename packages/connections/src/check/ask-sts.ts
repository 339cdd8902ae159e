import { type Credentials, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { CausewayError } from '@causeway/contract';
import type { AwsCredentials, CredentialSource } from '@causeway/objectstore';
import { attempt } from './attempt.ts';
import type { CheckContext } from './check-context.ts';

/** The shortest session that STS gives: 15 minutes. */
const sessionSeconds = 900;

/** Asks STS whose credentials these are, by default those of the operator. */
export function askIdentity(context: CheckContext, credentials?: CredentialSource) {
  return attempt('sts:GetCallerIdentity', () =>
    context.sts(credentials).send(new GetCallerIdentityCommand({})),
  );
}

/** What a check says of every session that it asks for. */
export function sessionRequest({ principal, probeId }: CheckContext) {
  return {
    RoleArn: principal.arn,
    RoleSessionName: `causeway-check-${probeId}`,
    DurationSeconds: sessionSeconds,
  };
}

/** The credentials in an answer of STS; null when a part of them is missing. */
export function sessionIn(credentials: Credentials | undefined): AwsCredentials | null {
  const { AccessKeyId, SecretAccessKey, SessionToken } = credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken) return null;
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  };
}

/** Neither refused nor let in: then nothing is known, and nothing may follow from it. */
export function unanswered(operation: string, { code }: { readonly code: string }): CausewayError {
  const reason = `STS answered ${code} to a question that it had to refuse`;
  return new CausewayError('store_unavailable', { operation, reason });
}
