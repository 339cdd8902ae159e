import { CausewayError } from '@causeway/contract';
import { type AssumeRoleInput, assumeRole, type StsRefusal } from './assume-role.ts';
import { type RoleCredentials, renewedCredentials } from './renewed-credentials.ts';

export interface AssumeRoleCredentialsInput extends AssumeRoleInput {
  readonly externalId: string;
  readonly now?: () => Date;
}

/**
 * Gives credentials of a role and renews them in time, see {@link renewedCredentials}.
 *
 * @throws CausewayError `role_not_assumable`, `credentials_rejected` (those of the
 * source), `store_refused`, `store_unavailable`.
 */
export function assumeRoleCredentials(input: AssumeRoleCredentialsInput): RoleCredentials {
  return renewedCredentials(
    async () => {
      const answer = await assumeRole(input);
      if (!answer.ok) throw refused(answer, input.roleArn);
      return answer.credentials;
    },
    input.now,
    input.durationSeconds,
  );
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
