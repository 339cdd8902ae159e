import { CausewayError } from '@causeway/contract';
import {
  type AssumeRoleWithWebIdentityInput,
  assumeRoleWithWebIdentity,
} from './assume-role-with-web-identity.ts';
import { type RoleCredentials, renewedCredentials } from './renewed-credentials.ts';
import type { StsRefusal } from './sts-refusal.ts';

export interface WebIdentityCredentialsInput extends Omit<AssumeRoleWithWebIdentityInput, 'token'> {
  /** A token that is good now; asked for anew each time that STS is. */
  readonly token: () => Promise<string>;
  readonly now?: () => Date;
}

/**
 * Gives credentials of a role for tokens and renews them in time, see
 * {@link renewedCredentials}. Each request to STS shows a token of its own, so tokens may be short-lived.
 *
 * @throws CausewayError `role_not_assumable`, `identity_token_rejected`, `store_refused`;
 * `store_unavailable`, also when STS could not ask the issuer for its keys; what `token` throws.
 */
export function webIdentityCredentials(input: WebIdentityCredentialsInput): RoleCredentials {
  return renewedCredentials(
    async () => {
      const answer = await assumeRoleWithWebIdentity({ ...input, token: await input.token() });
      if (!answer.ok) throw refused(answer, input.roleArn);
      return answer.credentials;
    },
    input.now,
    input.durationSeconds,
  );
}

function refused({ code, message }: StsRefusal, roleArn: string): CausewayError {
  const operation = 'AssumeRoleWithWebIdentity';
  const cause = Object.assign(new Error(message), { name: code });
  if (code === 'AccessDenied') {
    return new CausewayError('role_not_assumable', { roleArn }, { cause });
  }
  // AWS calls it a passing trouble of the issuer and asks to try again.
  if (/^IDPCommunicationError/.test(code)) {
    return new CausewayError('store_unavailable', { operation, reason: message }, { cause });
  }
  if (rejectedToken.test(code)) {
    return new CausewayError(
      'identity_token_rejected',
      { roleArn, code, reason: message },
      { cause },
    );
  }
  return new CausewayError('store_refused', { operation, code, reason: message }, { cause });
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors */
const rejectedToken = /^(InvalidIdentityToken|IDPRejectedClaim|ExpiredToken)(Exception)?$/;
