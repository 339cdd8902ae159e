import type { CauseCode, ConnectionBy } from '@causeway/contract';
import { partitionOfArn } from '../partition-of-arn.ts';
import { shellQuote } from '../setup/cli-script-steps.ts';
import type { Refused } from './attempt.ts';
import { type CheckContext, connectionBy, type Finding, type Fix } from './check-context.ts';
import { rankedCauses, sideOf } from './finding-parts.ts';
import { signalFinding } from './refusal-finding.ts';
import { signalOf } from './signals.ts';
import { roleFix } from './trust-fix.ts';

/**
 * What STS's refusal of a token means. AWS tells troubles of the token and of the provider
 * apart by its code and words; of the role's trust policy it says nothing but AccessDenied.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
 */
export function tokenRefusal(context: CheckContext, answer: Refused): Finding {
  if (answer.code === 'AccessDenied') return notTrusted(context, answer);
  const connection = connectionBy(context, 'web_identity');
  const message = answer.evidence.message ?? '';
  const trouble = troubles.find(
    ({ code, says }) => code.test(answer.code) && (says?.test(message) ?? true),
  );
  if (!trouble) {
    return signalOf(answer.code, message, 'web_identity')
      ? signalFinding(context, answer, { what: 'ask STS for a session' })
      : finding('token_rejected', `STS does not take the token: ${answer.code}`, answer, {
          document: 'issuer',
          text: 'Report what STS said: Causeway should not show it such a token',
        });
  }
  const { cause, found, fix } = trouble;
  return finding(cause, found(connection), answer, fix(connection));
}

/** Refused because the provider does not list the audience, before the role is even asked. */
export function isAboutAudience({ code, evidence }: Refused): boolean {
  return /^InvalidIdentityToken/.test(code) && /audience/i.test(evidence.message ?? '');
}

type Token = ConnectionBy<'web_identity'>;

interface Trouble {
  readonly code: RegExp;
  readonly says?: RegExp;
  readonly cause: CauseCode;
  readonly found: (connection: Token) => string;
  readonly fix: (connection: Token) => Fix;
}

const invalid = /^InvalidIdentityToken/;
const byIssuer = (text: (token: Token) => string) => (token: Token) =>
  ({ document: 'issuer', text: text(token) }) as const;

const publish = byIssuer(
  ({ issuer }) =>
    `Let everybody read ${issuer}/.well-known/openid-configuration and the keys that it names, over https with a certificate of a public authority, then check again`,
);

/** The first that fits. */
const troubles: readonly Trouble[] = [
  {
    code: invalid,
    says: /No OpenIDConnect provider found/,
    cause: 'oidc_provider_missing',
    found: ({ accountId, issuer }) =>
      `Account ${accountId} has not registered "${issuer}" as OpenID Connect provider`,
    fix: byIssuer(
      ({ accountId, issuer, audience }) =>
        `In account ${accountId}, run: aws iam create-open-id-connect-provider --url ${quoted(issuer)} --client-id-list ${quoted(audience)}`,
    ),
  },
  {
    code: invalid,
    says: /audience/i,
    cause: 'oidc_audience_missing',
    found: ({ audience }) =>
      `The provider is registered, but does not list the audience "${audience}"`,
    fix: byIssuer(
      ({ audience, ...token }) =>
        `In account ${token.accountId}, run: aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${quoted(providerArn(token))} --client-id ${quoted(audience)}`,
    ),
  },
  {
    // Only asked for where no public authority vouches for the certificate.
    code: invalid,
    says: /thumbprint/i,
    cause: 'oidc_thumbprint_differs',
    found: ({ issuer }) =>
      `The certificate of "${issuer}" is of no authority that AWS trusts, and the provider has another thumbprint`,
    fix: byIssuer(
      ({ issuer }) =>
        `Serve ${issuer} with a certificate of a public authority, which needs no thumbprint; else enter its thumbprint in the provider`,
    ),
  },
  {
    code: /^IDPCommunicationError/,
    cause: 'issuer_unreachable',
    found: ({ issuer }) => `AWS could not read the documents of "${issuer}"`,
    fix: publish,
  },
  {
    code: invalid,
    says: /verification key|signature/i,
    cause: 'issuer_keys_differ',
    found: ({ issuer }) =>
      `AWS does not find the key of the token among those that "${issuer}" publishes`,
    fix: publish,
  },
  {
    code: /^Expired/,
    cause: 'token_expired',
    found: ({ issuer }) => `AWS holds the token of "${issuer}" for expired`,
    fix: byIssuer(() => "Set the clock of Causeway's host right, by NTP, then check again"),
  },
  {
    code: invalid,
    says: /not valid yet|nbf/i,
    cause: 'clock_skewed',
    found: ({ issuer }) => `AWS holds the token of "${issuer}" for one of the future`,
    fix: byIssuer(() => "Set the clock of Causeway's host right, by NTP, then check again"),
  },
];

/** STS says the same of a role that is missing and of one that trusts another token. */
function notTrusted(context: CheckContext, answer: Refused): Finding {
  const { roleName, accountId, subject, audience, lastCheck } = connectionBy(
    context,
    'web_identity',
  );
  const causes: readonly CauseCode[] =
    lastCheck?.outcome === 'healthy'
      ? ['role_missing', 'trust_subject_differs']
      : ['trust_subject_differs', 'role_missing'];
  return {
    ...finding(
      'role_not_assumable',
      `STS refused: the role "${roleName}" does not exist in account ${accountId}, or its trust policy lacks the provider, the subject "${subject}" or the audience "${audience}", or AWS is still spreading a change made within the last minute`,
      answer,
      roleFix(context),
    ),
    causes: rankedCauses(
      ...causes,
      'trust_provider_missing',
      'trust_audience_differs',
      'not_spread_yet',
      'organization_denied',
    ),
  };
}

function finding(cause: CauseCode, message: string, answer: Refused, fix: Fix): Finding {
  const { evidence } = answer;
  return { verdict: 'failed', side: sideOf(cause), cause, message, fix, evidence };
}

function providerArn({ issuer, roleArn, accountId }: Omit<Token, 'audience'>): string {
  return `arn:${partitionOfArn(roleArn)}:iam::${accountId}:oidc-provider/${issuer.replace(/^https?:\/\//, '')}`;
}

/** For a shell, where it is not plain anyway. */
function quoted(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : shellQuote(value);
}
