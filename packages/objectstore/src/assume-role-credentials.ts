import { CausewayError } from '@causeway/contract';
import { type AssumeRoleInput, assumeRole, type StsRefusal } from './assume-role.ts';
import type { AwsCredentials } from './credentials.ts';

export interface AssumeRoleCredentialsInput extends AssumeRoleInput {
  readonly externalId: string;
  readonly now?: () => Date;
}

/** Current credentials of one role session, renewed in time. */
export interface RoleCredentials {
  (): Promise<AwsCredentials>;
  /** Makes the next call ask STS, unless the rejected ones are replaced already or not named. */
  invalidate(rejected?: AwsCredentials): void;
}

/** The SDK asks for others when `expiration` is less than this away. */
const sdkMarginMs = 5 * 60_000;
const renewalMarginMs = 10 * 60_000;

/**
 * Gives credentials of a role and renews them when half their life is over or ten
 * minutes are left, whichever is later. However many ask at once, STS is asked once.
 *
 * The `expiration` handed out is chosen so that the SDK asks again exactly when they
 * are due: with the true one, it would keep them until five minutes before the end
 * and then ask for every single request.
 *
 * @throws CausewayError `role_not_assumable`, `credentials_rejected` (those of the
 * source), `store_refused`, `store_unavailable`.
 */
export function assumeRoleCredentials(input: AssumeRoleCredentialsInput): RoleCredentials {
  const now = input.now ?? (() => new Date());
  let current: { readonly credentials: AwsCredentials; readonly dueAtMs: number } | undefined;
  let renewal: Promise<AwsCredentials> | undefined;

  const renew = async (): Promise<AwsCredentials> => {
    const askedAtMs = now().getTime();
    const answer = await assumeRole(input);
    if (!answer.ok) throw refused(answer, input.roleArn);
    const endMs = answer.credentials.expiration.getTime();
    const dueAtMs = Math.max(askedAtMs + (endMs - askedAtMs) / 2, endMs - renewalMarginMs);
    const expiration = new Date(Math.min(dueAtMs + sdkMarginMs, endMs));
    current = { credentials: { ...answer.credentials, expiration }, dueAtMs };
    return current.credentials;
  };
  const provider = async () => {
    if (current && now().getTime() < current.dueAtMs) return current.credentials;
    renewal ??= renew().finally(() => {
      renewal = undefined;
    });
    return renewal;
  };
  return Object.assign(provider, {
    invalidate(rejected?: AwsCredentials) {
      if (rejected && rejected.accessKeyId !== current?.credentials.accessKeyId) return;
      current = undefined;
    },
  });
}

function refused(answer: StsRefusal, roleArn: string): CausewayError {
  const { code, message } = answer;
  const operation = 'AssumeRole';
  const cause = Object.assign(new Error(message), { name: code });
  if (code === 'AccessDenied') {
    return new CausewayError('role_not_assumable', { roleArn }, { cause });
  }
  if (rejectedSource.test(code)) {
    return new CausewayError('credentials_rejected', { operation, code }, { cause });
  }
  return new CausewayError('store_refused', { operation, code, reason: message }, { cause });
}

const rejectedSource =
  /^(InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|ExpiredToken|ExpiredTokenException|InvalidAccessKeyId)$/;
