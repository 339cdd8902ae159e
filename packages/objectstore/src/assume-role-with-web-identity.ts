import { AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts';
import type { AssumedRole } from './assume-role.ts';
import { usualLifetimeSeconds } from './renewed-credentials.ts';
import { sessionCredentials } from './session-credentials.ts';
import { type StsOptions, withStsClient } from './sts-client.ts';
import { type StsRefusal, stsRefusal } from './sts-refusal.ts';

export interface AssumeRoleWithWebIdentityInput extends StsOptions {
  readonly roleArn: string;
  /** The proof: a token of an issuer that the role's account has registered. */
  readonly token: string;
  /** 2 to 64 of `[\w+=,.@-]`; readable in the customer's CloudTrail. */
  readonly sessionName: string;
  /** What the session is narrowed to. */
  readonly sessionPolicy?: object;
  /** 900 to 3,600, which every role allows. */
  readonly durationSeconds?: number;
}

const operation = 'AssumeRoleWithWebIdentity';

/**
 * Shows STS a token once and asks for a session of a role. The request is not signed, so
 * that it needs no AWS account. A refusal is an answer.
 *
 * @throws CausewayError `store_unavailable` when STS gave no answer.
 */
export async function assumeRoleWithWebIdentity(
  input: AssumeRoleWithWebIdentityInput,
): Promise<AssumedRole | StsRefusal> {
  const { sessionPolicy: policy } = input;
  const command = new AssumeRoleWithWebIdentityCommand({
    RoleArn: input.roleArn,
    RoleSessionName: input.sessionName,
    WebIdentityToken: input.token,
    DurationSeconds: input.durationSeconds ?? usualLifetimeSeconds,
    ...(policy !== undefined && { Policy: JSON.stringify(policy) }),
  });
  try {
    return await withStsClient(
      { ...input, credentials: noCredentials },
      command,
      async (client, options) => {
        const output = await client.send(command, options);
        return {
          ok: true,
          credentials: sessionCredentials(output.Credentials, operation),
          assumedRoleArn: output.AssumedRoleUser?.Arn ?? '',
          requestId: output.$metadata.requestId ?? null,
        };
      },
    );
  } catch (error) {
    return stsRefusal(error, operation);
  }
}

/** Should the SDK ever ask for some: rather none than those of the operator by accident. */
async function noCredentials(): Promise<never> {
  throw new Error('Cannot sign a request that is made with a token');
}
