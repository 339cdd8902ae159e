import { AssumeRoleCommand, type AssumeRoleResponse } from '@aws-sdk/client-sts';
import type { ConnectionBy } from '@causeway/contract';
import type { CredentialSource } from '@causeway/objectstore';
import { assumeRolePolicy } from '@causeway/policy';
import { newExternalId } from '../create-connection.ts';
import { hasExistingRole } from '../customer-role.ts';
import { partitionOfArn } from '../partition-of-arn.ts';
import { parseAccessDenied } from './access-denied.ts';
import { askIdentity, sessionIn, sessionRequest, unanswered } from './ask-sts.ts';
import { type Attempt, attempt, type Evidence, type Refused } from './attempt.ts';
import {
  type AccessSteps,
  type CheckContext,
  type CheckStepDefinition,
  connectionBy,
  type Finding,
} from './check-context.ts';
import { rankedCauses } from './finding-parts.ts';
import { signalFinding } from './refusal-finding.ts';
import { sessionIdentityStep } from './session-identity.ts';
import { demandFix, roleFix, trustFix } from './trust-fix.ts';

/** Who we are. */
export const operatorIdentityStep: CheckStepDefinition = {
  id: 'operator.identity',
  title: "The operator's own credentials work",
  after: ['parse'],
  run: operatorIdentity,
};

const steps: readonly CheckStepDefinition[] = [
  operatorIdentityStep,
  {
    id: 'role.assume',
    title: 'The role can be assumed with the external ID',
    after: ['parse'],
    mootIfFailed: ['operator.identity'],
    run: assumeWithExternalId,
  },
  {
    id: 'role.external_id_missing',
    title: 'The role refuses us without an external ID',
    after: ['role.assume'],
    provesRefusal: true,
    run: (context) => refusedWith(context, undefined),
  },
  {
    id: 'role.external_id_wrong',
    title: 'The role refuses us with a random external ID',
    after: ['role.assume'],
    provesRefusal: true,
    run: (context) => refusedWith(context, newExternalId()),
  },
  {
    id: 'role.other_principal',
    title: 'The role also lets in what Causeway moves to',
    after: ['role.assume'],
    appliesTo: (_, { otherPrincipalArn }) => otherPrincipalArn !== undefined,
    run: letsInOtherPrincipal,
  },
  sessionIdentityStep('role.assume'),
];

/** Who we are and whether the role lets us in, and nobody else through us. */
export const roleSteps: AccessSteps = {
  steps,
  session: 'role.assume',
  principal: (connection) => {
    const role = connection as ConnectionBy<'role'>;
    return { noun: `role "${role.roleName}"`, arn: role.roleArn ?? '' };
  },
  refusedSession,
};

async function operatorIdentity(context: CheckContext): Promise<Finding> {
  const answer = await askIdentity(context);
  if (!answer.ok) {
    const finding = signalFinding(context, answer, { what: 'ask STS' });
    if (finding.cause === 'clock_skewed') return finding;
    return {
      verdict: 'failed',
      side: 'operator',
      cause: 'operator_credentials_invalid',
      message: `AWS refused Causeway's own credentials: ${answer.code}`,
      fix: { document: 'connection', text: "Renew the AWS credentials of Causeway's process" },
      evidence: answer.evidence,
    };
  }
  const account = answer.value.Account ?? '';
  if (account !== context.deps.operator.accountId) {
    return {
      verdict: 'failed',
      side: 'operator',
      cause: 'operator_account_changed',
      message: `Causeway runs as account "${account}", but the setup guide names "${context.deps.operator.accountId}"`,
      fix: {
        document: 'connection',
        text: 'Run Causeway with the credentials of the account that customers trust',
      },
      evidence: answer.evidence,
    };
  }
  return {
    verdict: 'passed',
    message: `Causeway is ${answer.value.Arn}`,
    evidence: answer.evidence,
  };
}

async function assumeWithExternalId(context: CheckContext): Promise<Finding> {
  const answer = await context.untilSpread(
    () => assume(context, connectionBy(context, 'role').externalId),
    (found) => found.ok,
  );
  if (!answer.ok) return refusedSession(context, answer);
  const session = sessionIn(answer.value.Credentials);
  if (!session) {
    throw new Error('Cannot use the answer of sts:AssumeRole: it holds no credentials');
  }
  context.session = session;
  return {
    verdict: 'passed',
    message: `Assumed ${connectionBy(context, 'role').roleArn}`,
    evidence: answer.evidence,
  };
}

function refusedSession(context: CheckContext, answer: Refused): Finding {
  if (answer.code === 'AccessDenied') return notAssumable(context, answer);
  return operatorFault(context, answer);
}

/**
 * STS answers the same AccessDenied for a role that is missing, one that does not
 * trust us and one that wants another external ID, so no single cause is claimed. Only
 * of our own side does it say more: the policies of whoever asks.
 */
function notAssumable(context: CheckContext, { evidence }: Refused): Finding {
  const denial = parseAccessDenied(evidence.message ?? '');
  if (denial.policyType !== null && ownPolicies.has(denial.policyType)) {
    return notAllowed(context, denial.policyType, evidence);
  }
  const { operator } = context.deps;
  const connection = connectionBy(context, 'role');
  return {
    verdict: 'failed',
    side: 'customer',
    cause: 'role_not_assumable',
    causes: rankedCauses(
      ...(connection.lastCheck?.outcome === 'healthy'
        ? (['role_missing', 'trust_external_id_differs', 'trust_principal_missing'] as const)
        : (['trust_external_id_differs', 'role_missing', 'trust_principal_missing'] as const)),
      'not_spread_yet',
      'operator_not_allowed',
      'organization_denied',
    ),
    message:
      `STS refused: the role "${connection.roleName}" does not exist in account ${connection.accountId}, ` +
      `or its trust policy lacks the principal ${operator.principalArn} or the external ID "${connection.externalId}", ` +
      'or AWS is still spreading a change made within the last minute',
    fix: roleFix(context),
    evidence,
  };
}

/** What STS names of the caller's policies; of the role's it says nothing across accounts. */
const ownPolicies: ReadonlySet<string> = new Set([
  'identity-based',
  'permissions boundary',
  'session',
  'service control',
  'VPC endpoint',
]);

function notAllowed(
  { connection, principal, deps }: CheckContext,
  policyType: string,
  evidence: Evidence,
): Finding {
  const policy = assumeRolePolicy({
    operatorAccountId: deps.operator.accountId,
    // Roles that customers had before have names of all kinds, so they are let in one by one.
    rolePattern: hasExistingRole(connection)
      ? principal.arn.replace(/^.*:role\//, '')
      : 'causeway-*',
    partition: partitionOfArn(principal.arn),
  });
  return {
    verdict: 'failed',
    side: 'operator',
    cause: 'operator_not_allowed',
    message: `Causeway's own ${policyType} policy does not let it assume ${principal.arn}`,
    fix: {
      document: 'connection',
      text: `Allow sts:AssumeRole on customers' roles to ${deps.operator.principalArn}`,
      policy,
    },
    evidence,
  };
}

/** Of whoever asks, and that is Causeway; or of nothing that is known. */
const aboutCredentials: ReadonlySet<string> = new Set([
  'session_token_invalid',
  'request_altered',
  'refused',
]);

/** STS refused the question and not the access, which proves nothing about the role. */
function operatorFault(context: CheckContext, answer: Refused): Finding {
  const { code, evidence } = answer;
  const finding = signalFinding(context, answer, { what: 'ask STS for a session' });
  if (!aboutCredentials.has(finding.cause ?? '')) return finding;
  return {
    verdict: 'failed',
    side: 'operator',
    cause: 'sts_not_answered',
    message: `STS did not answer whether the role may be assumed: ${code}`,
    fix: {
      document: 'connection',
      text: "Check the AWS credentials of Causeway's process, then check again",
    },
    evidence,
  };
}

/** The two negative probes. Credentials that they should not have got are dropped unread. */
async function refusedWith(
  context: CheckContext,
  externalId: string | undefined,
): Promise<Finding> {
  const answer = await context.untilSpread(
    () => assume(context, externalId),
    (found) => !found.ok,
  );
  const how = externalId === undefined ? 'without an external ID' : 'with a random external ID';
  if (!answer.ok && answer.code !== 'AccessDenied') throw unanswered('sts:AssumeRole', answer);
  if (answer.ok) {
    return {
      verdict: 'failed',
      side: 'customer',
      cause: externalId === undefined ? 'external_id_not_required' : 'external_id_not_enforced',
      message: `The role can be assumed ${how}: any other customer of this service could reach the bucket through it`,
      fix: demandFix(
        context,
        `it must demand "StringEquals": {"sts:ExternalId": "${connectionBy(context, 'role').externalId}"}`,
      ),
      evidence: answer.evidence,
    };
  }
  return { verdict: 'passed', message: `Refused ${how}`, evidence: answer.evidence };
}

function assume(
  context: CheckContext,
  externalId: string | undefined,
  credentials?: CredentialSource,
): Promise<Attempt<AssumeRoleResponse>> {
  return attempt('sts:AssumeRole', () =>
    context.sts(credentials).send(
      new AssumeRoleCommand({
        ...sessionRequest(context),
        ...(externalId !== undefined && { ExternalId: externalId }),
      }),
    ),
  );
}

/**
 * Whether the customer has changed its trust policy already. Only a role that our own
 * credentials may assume can be tried; of another it shows once Causeway runs as it.
 */
async function letsInOtherPrincipal(context: CheckContext): Promise<Finding> {
  const other = context.deps.operator.otherPrincipalArn ?? '';
  const taken = await attempt('sts:AssumeRole', () =>
    context.sts().send(new AssumeRoleCommand({ ...sessionRequest(context), RoleArn: other })),
  );
  const credentials = taken.ok ? sessionIn(taken.value.Credentials) : null;
  if (!credentials) {
    return {
      verdict: 'skipped',
      message: `Not tried: Causeway's credentials may not assume ${other}`,
      evidence: taken.evidence,
    };
  }
  const { roleName, externalId } = connectionBy(context, 'role');
  const answer = await assume(context, externalId, credentials);
  if (answer.ok) {
    return { verdict: 'passed', message: `Lets in ${other} as well`, evidence: answer.evidence };
  }
  return {
    verdict: 'warned',
    side: 'customer',
    cause: 'trust_other_principal_missing',
    message: `The role does not let in ${other} yet: once Causeway runs as that, this connection ends`,
    fix: trustFix(context, `Name both principals in the trust policy of role "${roleName}"`),
    evidence: answer.evidence,
  };
}
