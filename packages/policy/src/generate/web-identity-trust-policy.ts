import type { PolicyDocument } from '../model.ts';
import { checkAccount } from './check-input.ts';
import { checkPartition } from './pattern-text.ts';
import { PolicyInputError } from './policy-input-error.ts';

export interface WebIdentityTrustPolicyInput {
  /** The customer's account, in which the issuer is registered. */
  readonly accountId: string;
  /** Such as `https://identity.example.com`, as it stands in the tokens' `iss`. */
  readonly issuer: string;
  /** The tokens' `aud`. */
  readonly audience: string;
  /** The tokens' `sub`: who, among all that the issuer knows, may assume the role. */
  readonly subject: string;
  /** `aws` if not given. */
  readonly partition?: string;
}

/**
 * The trust policy for a customer's role that is assumed with a token instead of an
 * AWS account: only this issuer, audience and subject.
 *
 * AWS knows Google by itself, and calls the audience of its tokens `oaud`; every
 * other issuer is registered in the account as an OpenID Connect provider first.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 *
 * @throws PolicyInputError
 */
export function webIdentityTrustPolicy(input: WebIdentityTrustPolicyInput): PolicyDocument {
  const { audience, subject, partition = 'aws' } = input;
  const issuer = issuerName(input.issuer);
  const account = checkAccount('accountId', input.accountId);
  checkPartition(partition);
  checkClaim('audience', audience);
  checkClaim('subject', subject);
  const isGoogle = issuer === 'accounts.google.com';
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'CausewayAssume',
        Effect: 'Allow',
        Principal: {
          Federated: isGoogle ? issuer : `arn:${partition}:iam::${account}:oidc-provider/${issuer}`,
        },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            [`${issuer}:${isGoogle ? 'oaud' : 'aud'}`]: audience,
            [`${issuer}:sub`]: subject,
          },
        },
      },
    ],
  };
}

/**
 * The issuer as IAM names it: without the scheme, and without a slash at the end. Plain
 * HTTP and a port are for rehearsals with a sandbox on this machine alone.
 */
function issuerName(issuer: string): string {
  const name =
    /^https:\/\/([a-z0-9.-]+(?:\/[\w.~-]+)*)\/?$/i.exec(issuer)?.[1] ??
    /^http:\/\/((?:127\.0\.0\.1|localhost)(?::\d{1,5})?(?:\/[\w.~-]+)*)\/?$/.exec(issuer)?.[1];
  if (name !== undefined && issuer.length <= 255) return name;
  throw new PolicyInputError(
    'issuer',
    `is "${issuer}", which IAM cannot register`,
    'Give an https URL without port, query and fragment, such as "https://identity.example.com"',
  );
}

/** `StringEquals` takes no wildcards, but a variable would be one. */
function checkClaim(field: string, value: string): void {
  if (/^[\x21-\x7e]{1,255}$/.test(value) && !value.includes('${')) return;
  throw new PolicyInputError(
    field,
    `is "${value}", which is no claim that can be compared`,
    'Give the exact text of the claim, without spaces',
  );
}
