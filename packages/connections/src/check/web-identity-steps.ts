import {
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityResponse,
} from '@aws-sdk/client-sts';
import { CausewayError, type ConnectionBy } from '@causeway/contract';
import type { IdentityTokens } from '../web-identity/identity-tokens.ts';
import { probeIssuer } from '../web-identity/probe-issuer.ts';
import { sessionIn, sessionRequest, unanswered } from './ask-sts.ts';
import { type Attempt, attempt } from './attempt.ts';
import {
  type AccessSteps,
  type CheckContext,
  type CheckStepDefinition,
  connectionBy,
  type Finding,
} from './check-context.ts';
import { sessionIdentityStep } from './session-identity.ts';
import { isAboutAudience, tokenRefusal } from './token-refusal.ts';
import { demandFix } from './trust-fix.ts';

const steps: readonly CheckStepDefinition[] = [
  {
    id: 'issuer.keys',
    title: "The issuer's keys are published",
    after: ['parse'],
    run: issuerKeys,
  },
  {
    id: 'web_identity.assume',
    title: 'The role can be assumed with the token',
    after: ['parse'],
    mootIfFailed: ['issuer.keys'],
    run: assumeWithToken,
  },
  {
    id: 'web_identity.subject_wrong',
    title: 'The role refuses a token of another subject',
    after: ['web_identity.assume'],
    provesRefusal: true,
    run: (context) => refusedWith(context, 'subject', 'of another subject', 'subject_not_enforced'),
  },
  {
    id: 'web_identity.audience_wrong',
    title: 'The role refuses a token for another audience',
    after: ['web_identity.assume'],
    provesRefusal: true,
    run: (context) =>
      refusedWith(context, 'audience', 'for another audience', 'audience_not_enforced'),
  },
  sessionIdentityStep('web_identity.assume'),
];

/** Whether tokens let us in, and no other token of the same issuer does. */
export const webIdentitySteps: AccessSteps = {
  steps,
  session: 'web_identity.assume',
  principal: (connection) => {
    const { roleName, roleArn } = connection as ConnectionBy<'web_identity'>;
    return { noun: `role "${roleName}"`, arn: roleArn ?? '' };
  },
  refusedSession: tokenRefusal,
};

/**
 * That the documents are there and ours. Not to reach them proves nothing, since the way
 * from here to our own public address may be another than that of AWS: STS will say.
 */
async function issuerKeys(context: CheckContext): Promise<Finding> {
  const { issuer: own } = tokensOf(context);
  const connection = connectionBy(context, 'web_identity');
  if (connection.issuer !== own.url) return outsideToken(context);
  const probe = await probeIssuer(own, context.deps.signal);
  const where = `Publish ${own.url}/.well-known/openid-configuration and ${own.discovery.jwks_uri} from this Causeway, without sign-in and without redirects`;
  switch (probe.found) {
    case 'ours':
      return { verdict: 'passed', message: `${own.url} publishes our ${probe.keys} keys` };
    case 'foreign':
      return {
        verdict: 'failed',
        side: 'operator',
        cause: 'issuer_keys_differ',
        message: `AWS would not find our keys at ${own.url}: ${probe.reason}`,
        fix: { document: 'issuer', text: where },
      };
    case 'nothing':
      return {
        verdict: 'warned',
        side: 'operator',
        cause: 'issuer_not_seen',
        message: `Causeway cannot see its own issuer: ${probe.reason}; AWS may`,
        fix: { document: 'issuer', text: where },
      };
  }
}

/** Another issuer publishes its keys itself; what we have of it is a token. */
async function outsideToken(context: CheckContext): Promise<Finding> {
  const connection = connectionBy(context, 'web_identity');
  const { unusable } = await orUnusable(() => tokensOf(context).tokenFor(connection));
  if (unusable) return unusable;
  return {
    verdict: 'passed',
    message: `The token file holds a token of "${connection.issuer}" for subject "${connection.subject}"`,
  };
}

type Token<T> =
  | { readonly text: T; readonly unusable?: undefined }
  | { readonly unusable: Finding };

/** A token, or why there is none. */
async function orUnusable<T>(get: () => Promise<T>): Promise<Token<T>> {
  try {
    return { text: await get() };
  } catch (error) {
    if (!CausewayError.is(error, 'issuer_not_usable')) throw error;
    const { message, hint } = error;
    const fix = { document: 'issuer', text: hint } as const;
    return {
      unusable: { verdict: 'failed', side: 'operator', cause: 'issuer_not_usable', message, fix },
    };
  }
}

async function assumeWithToken(context: CheckContext): Promise<Finding> {
  const connection = connectionBy(context, 'web_identity');
  const token = await orUnusable(() => tokensOf(context).tokenFor(connection));
  if (token.unusable) return token.unusable;
  const answer = await context.untilSpread(
    () => assume(context, token.text),
    (found) => found.ok,
  );
  if (!answer.ok) return tokenRefusal(context, answer);
  const session = sessionIn(answer.value.Credentials);
  if (!session) throw new Error('Cannot use the answer of STS: it holds no credentials');
  context.session = session;
  return {
    verdict: 'passed',
    message: `Assumed ${connection.roleArn} as subject "${connection.subject}"`,
    evidence: answer.evidence,
  };
}

/** The two negative probes. Credentials that they should not have got are dropped unread. */
async function refusedWith(
  context: CheckContext,
  differsIn: 'subject' | 'audience',
  how: string,
  cause: 'subject_not_enforced' | 'audience_not_enforced',
): Promise<Finding> {
  const connection = connectionBy(context, 'web_identity');
  const token = await orUnusable(() => tokensOf(context).tokenToRefuse(connection, differsIn));
  if (token.unusable) return token.unusable;
  const { text } = token;
  if (text === null) return notProvable(context, differsIn, how);
  const answer = await context.untilSpread(
    () => assume(context, text),
    (found) => !found.ok,
  );
  if (answer.ok) {
    return {
      verdict: 'failed',
      side: 'customer',
      cause,
      message: `The role can be assumed with a token ${how}: whoever else gets tokens of this issuer could reach the bucket through it`,
      fix: demandFix(context, 'under "StringEquals" it must demand this subject and this audience'),
      evidence: answer.evidence,
    };
  }
  if (answer.code === 'AccessDenied' || isAboutAudience(answer)) {
    return { verdict: 'passed', message: `Refused a token ${how}`, evidence: answer.evidence };
  }
  throw unanswered(operation, answer);
}

/**
 * Only the other issuer could sign what has to be refused. Whoever else gets its tokens would
 * be let in by a role that asks for no subject, so without a proof the role is not used
 * unless the operator has taken that upon itself. For the audience a warning is enough:
 * whatever a role asks for, AWS refuses audiences that its provider does not list.
 */
function notProvable(
  context: CheckContext,
  differsIn: 'subject' | 'audience',
  how: string,
): Finding {
  const { issuer } = connectionBy(context, 'web_identity');
  const isAccepted = differsIn === 'audience' || tokensOf(context).acceptsUnprovedSubject;
  const { says, text } = unproved[isAccepted ? 'accepted' : 'open'];
  return {
    verdict: isAccepted ? 'warned' : 'failed',
    side: 'operator',
    cause: 'refusal_not_provable',
    message: `Only "${issuer}" signs these tokens, and Causeway has none ${how} to prove that it is refused${says}`,
    fix: { document: 'issuer', text, policy: context.documents['trustPolicy'] },
  };
}

const byFile =
  'Name a file with such a token of the same issuer in CAUSEWAY_WEB_IDENTITY_PROBE_TOKEN_FILES';
const unproved = {
  accepted: {
    says: '',
    text: `${byFile}; until then compare the role's trust policy with the guide`,
  },
  open: {
    says: ': whoever else gets tokens of this issuer could reach the bucket through the role',
    text: `${byFile}, or accept it for all roles by CAUSEWAY_WEB_IDENTITY_UNPROVED_SUBJECT=accept after comparing their trust policies with the guide`,
  },
} as const;

const operation = 'sts:AssumeRoleWithWebIdentity';

/** The request is not signed: the token alone must do. */
async function assume(
  context: CheckContext,
  token: string,
): Promise<Attempt<AssumeRoleWithWebIdentityResponse>> {
  const client = context.sts(() => Promise.reject(new Error('Cannot sign a request with a token')));
  return attempt(operation, () =>
    client.send(
      new AssumeRoleWithWebIdentityCommand({
        ...sessionRequest(context),
        WebIdentityToken: token,
      }),
    ),
  );
}

function tokensOf({ deps }: CheckContext): IdentityTokens {
  if (deps.identityTokens) return deps.identityTokens;
  throw new Error('Cannot check a connection by web_identity without tokens');
}
