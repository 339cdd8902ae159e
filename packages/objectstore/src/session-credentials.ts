import { CausewayError } from '@causeway/contract';
import type { AwsCredentials } from './credentials.ts';

/** The shape in which STS gives the credentials of a session. */
export interface StsCredentials {
  readonly AccessKeyId: string | undefined;
  readonly SecretAccessKey: string | undefined;
  readonly SessionToken: string | undefined;
  readonly Expiration: Date | undefined;
}

/** @throws CausewayError `store_unavailable` when a part is missing. */
export function sessionCredentials(
  session: StsCredentials | undefined,
  operation: string,
): Required<AwsCredentials> {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = session ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
    throw new CausewayError('store_unavailable', {
      operation,
      reason: 'the answer lacks a part of the credentials',
    });
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  };
}
