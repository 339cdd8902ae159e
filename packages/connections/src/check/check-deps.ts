import type { CredentialProvider, EndpointRules } from '@causeway/objectstore';
import type { SecretReader } from '../access-keys/access-key-secret.ts';
import type { AwsTimeouts } from '../aws-timeouts.ts';
import type { Operator } from '../operator.ts';
import type { IdentityTokens } from '../web-identity/identity-tokens.ts';

/** What a check needs from the outside. The server passes AWS or the sandbox. */
export interface CheckDeps {
  readonly operator: Operator;
  /** The operator's own credentials, which assume the customers' roles. */
  readonly credentials: CredentialProvider;
  /** What connections by `web_identity` show to STS. */
  readonly identityTokens?: IdentityTokens;
  readonly region: string;
  /** Points every AWS client elsewhere, such as at the sandbox. */
  readonly endpoint?: string;
  /** Which S3-compatible stores may be spoken to; none without. */
  readonly endpoints?: EndpointRules;
  /** Where access keys are read. */
  readonly secrets?: SecretReader;
  /** Of the pages that use buckets from browsers. */
  readonly browserOrigins?: readonly string[];
  readonly now?: () => Date;
  /** How long a change in IAM is given to spread before a refusal counts. Default 0. */
  readonly waitSeconds?: number;
  /** How long each answer is waited for; seconds if not given. */
  readonly timeouts?: AwsTimeouts;
  readonly signal?: AbortSignal;
}
