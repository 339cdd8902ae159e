import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { AwsCredentials, CredentialSource } from './credentials.ts';
import { usualLifetimeSeconds } from './renewed-credentials.ts';
import { sessionCredentials } from './session-credentials.ts';
import { type StsOptions, withStsClient } from './sts-client.ts';
import { type StsRefusal, stsRefusal } from './sts-refusal.ts';

export type { StsRefusal } from './sts-refusal.ts';

export interface AssumeRoleInput extends StsOptions {
  readonly roleArn: string;
  /** Omitted only to prove that the role refuses without it. */
  readonly externalId?: string;
  /** 2 to 64 of `[\w+=,.@-]`; readable in the customer's CloudTrail. */
  readonly sessionName: string;
  /** What the session is narrowed to: a policy, or its JSON. */
  readonly sessionPolicy?: object | string;
  /** 900 to 3,600; longer ones are refused to a caller that is itself a role. */
  readonly durationSeconds?: number;
  /** Who assumes the role. */
  readonly sourceCredentials: CredentialSource;
}

export interface AssumedRole {
  readonly ok: true;
  readonly credentials: Required<AwsCredentials>;
  readonly assumedRoleArn: string;
  readonly requestId: string | null;
}

/**
 * Asks STS once for a session of a role. A refusal is an answer, so that a check
 * can tell what it found.
 *
 * @throws CausewayError `store_unavailable` when STS gave no answer.
 */
export async function assumeRole(input: AssumeRoleInput): Promise<AssumedRole | StsRefusal> {
  const { sessionPolicy: policy } = input;
  const command = new AssumeRoleCommand({
    RoleArn: input.roleArn,
    RoleSessionName: input.sessionName,
    DurationSeconds: input.durationSeconds ?? usualLifetimeSeconds,
    ...(input.externalId !== undefined && { ExternalId: input.externalId }),
    ...(policy !== undefined && {
      Policy: typeof policy === 'string' ? policy : JSON.stringify(policy),
    }),
  });
  try {
    return await withStsClient(
      { ...input, credentials: input.sourceCredentials },
      command,
      async (client, options) => {
        const output = await client.send(command, options);
        return {
          ok: true,
          credentials: sessionCredentials(output.Credentials, 'AssumeRole'),
          assumedRoleArn: output.AssumedRoleUser?.Arn ?? '',
          requestId: output.$metadata.requestId ?? null,
        };
      },
    );
  } catch (error) {
    return stsRefusal(error, 'AssumeRole');
  }
}
