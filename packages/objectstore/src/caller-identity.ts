import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { CredentialSource } from './credentials.ts';
import { type StsOptions, withStsClient } from './sts-client.ts';
import { type StsRefusal, stsRefusal } from './sts-refusal.ts';

export interface CallerIdentityInput extends StsOptions {
  readonly credentials: CredentialSource;
}

export interface CallerIdentity {
  readonly ok: true;
  readonly accountId: string;
  readonly arn: string;
  readonly requestId: string | null;
}

/**
 * Asks STS whose credentials these are. It needs no permission, so a refusal means
 * that they are not valid.
 *
 * @throws CausewayError `store_unavailable` when STS gave no answer.
 */
export async function callerIdentity(
  input: CallerIdentityInput,
): Promise<CallerIdentity | StsRefusal> {
  try {
    const command = new GetCallerIdentityCommand({});
    return await withStsClient(input, command, async (client, options) => {
      const output = await client.send(command, options);
      return {
        ok: true,
        accountId: output.Account ?? '',
        arn: output.Arn ?? '',
        requestId: output.$metadata.requestId ?? null,
      };
    });
  } catch (error) {
    return stsRefusal(error, 'GetCallerIdentity');
  }
}
