import { AwsError } from '../http/aws-error.ts';
import type { QueryOperation, QueryRequest } from '../query/query-operation.ts';
import type { UserSessionRecord } from '../state/records.ts';
import { credentialsElement, newCredentials } from './new-credentials.ts';
import { userSessionSeconds } from './session-duration.ts';

export const getSessionToken: QueryOperation = {
  name: 'GetSessionToken',
  // AWS needs no permission for it, nor does any policy forbid it.
  demands: (request) => {
    refuseSession(request, 'GetSessionToken');
    if (request.parameters.has('SerialNumber') || request.parameters.has('TokenCode')) {
      throw new AwsError(501, 'NotImplemented', 'The sandbox does not have MFA devices');
    }
    userSessionSeconds(request);
    return [];
  },
  run: (request) => {
    const { world, accountId } = request;
    const session: UserSessionRecord = {
      ...newCredentials(world.now(), userSessionSeconds(request)),
      kind: 'user',
      accountId,
      user: userOf(request),
    };
    world.state.commit(world.state.sessions.put(session.accessKeyId, session));
    return [credentialsElement(session)];
  },
};

/** Whoever lends its permissions to temporary credentials; null for the root user. */
export function userOf({ caller }: QueryRequest): UserSessionRecord['user'] {
  if (caller.kind !== 'user') return null;
  return { name: caller.arn.slice(caller.arn.lastIndexOf('/') + 1), id: caller.userId };
}

/** @throws AwsError `AccessDenied`: only long-term credentials beget temporary ones this way. */
export function refuseSession({ caller }: QueryRequest, operation: string): void {
  if (caller.tokenIssuedAt === null) return;
  throw new AwsError(403, 'AccessDenied', `Cannot call ${operation} with session credentials`);
}
