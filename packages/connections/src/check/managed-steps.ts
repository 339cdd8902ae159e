import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { type CauseCode, CausewayError, type ManagedConnection } from '@causeway/contract';
import {
  type AccessRole,
  type FoundRole,
  findRoleDrift,
  readRole,
} from '../managed/access-role.ts';
import { findPolicyDrift, hasDrift, readBucketPolicy } from '../managed/bucket-policy.ts';
import { findDriftedSettings } from '../managed/bucket-settings.ts';
import { managedAccess, requireManaged } from '../managed/managed-access.ts';
import { type ManagedClients, withClients } from '../managed/managed-deps.ts';
import { strangersIn, trustFaults } from '../managed/strangers.ts';
import { unanswered } from './ask-sts.ts';
import { attempt } from './attempt.ts';
import type {
  AccessSteps,
  CheckContext,
  CheckStepDefinition,
  Finding,
  Fix,
} from './check-context.ts';
import { startHigh, startLow } from './finding-parts.ts';
import { operatorIdentityStep } from './role-steps.ts';

/** As the operator in its own account, which is where the bucket is. */
const identity: CheckStepDefinition = {
  ...operatorIdentityStep,
  async run(context) {
    const finding = await operatorIdentityStep.run(context);
    if (finding.verdict === 'passed') context.session = context.deps.credentials;
    return finding;
  },
};

const steps: readonly CheckStepDefinition[] = [
  identity,
  {
    id: 'managed.settings',
    title: 'The bucket is ours and its settings are as they were made',
    after: ['operator.identity'],
    run: (context) => asOperator(context, checkSettings),
  },
  {
    id: 'managed.policy',
    title: 'The bucket policy is as it was made',
    after: ['managed.settings'],
    run: (context) => asOperator(context, checkPolicy),
  },
  {
    id: 'managed.policy_foreign',
    title: "The bucket policy lets nobody in but the customer's account and ours",
    after: ['operator.identity'],
    mootIfFailed: ['managed.settings'],
    provesRefusal: true,
    run: (context) => asOperator(context, checkStrangers),
  },
  {
    id: 'managed.role',
    title: "The role of the bucket is as it was made and lets the customer's account in",
    after: ['operator.identity'],
    appliesTo: hasRole,
    run: (context) => asOperator(context, checkRole),
  },
  {
    id: 'managed.role_foreign',
    title: "The role refuses everybody but the customer's account, us included",
    after: ['operator.identity'],
    appliesTo: hasRole,
    provesRefusal: true,
    run: (context) => asOperator(context, checkRoleRefuses),
  },
];

/** Whether bucket, policy and role of the operator's are as made, and let in the right ones only. */
export const managedSteps: AccessSteps = {
  steps,
  session: 'operator.identity',
  principal: (_, { operator }) => ({ noun: 'Causeway itself', arn: operator.principalArn }),
};

function hasRole({ access }: { readonly access: string }): boolean {
  return access === 'operator_role';
}

/** What a step on the operator's own account works with. */
interface OperatorView {
  readonly context: CheckContext;
  readonly connection: ManagedConnection;
  readonly clients: ManagedClients;
}

/** Takes a step; what the operator may not look at is a finding, and for the operator to mend. */
async function asOperator(
  context: CheckContext,
  look: (view: OperatorView) => Promise<Finding>,
): Promise<Finding> {
  const connection = requireManaged(context.connection);
  try {
    return await withClients(context.deps, (clients) => look({ context, connection, clients }));
  } catch (error) {
    if (CausewayError.is(error, 'bucket_not_found')) return notThere(connection);
    if (!CausewayError.is(error, 'access_denied') && !CausewayError.is(error, 'store_refused')) {
      throw error;
    }
    if (error.details.operation.startsWith('s3:') && isMissing(error)) return notThere(connection);
    return {
      ...failed('managed_not_readable', error.message),
      fix: {
        document: 'connection',
        text: `Allow ${error.details.operation} to ${context.deps.operator.principalArn}, as docs/managed-buckets.md says`,
      },
    };
  }
}

function isMissing(error: CausewayError): boolean {
  return CausewayError.is(error, 'store_refused') && error.details.code === 'NoSuchBucket';
}

function notThere({ bucket, provisionedAt }: ManagedConnection): Finding {
  const found = provisionedAt === null ? 'was not made yet' : 'is gone';
  return { ...failed('managed_bucket_missing', `Bucket "${bucket}" ${found}`), fix: provisionFix };
}

const provisionFix: Fix = {
  document: 'bucket',
  text: 'Provision the connection: it makes what is missing and puts back what was changed',
};

function failed(cause: CauseCode, message: string): Finding {
  return { verdict: 'failed', side: 'operator', cause, message };
}

async function checkSettings({ context, connection, clients }: OperatorView): Promise<Finding> {
  const { browserOrigins = [] } = context.deps;
  const drifted = await findDriftedSettings({ s3: clients.s3, connection, browserOrigins });
  if (connection.provisionedAt === null) return notThere(connection);
  if (drifted.length === 0) {
    return { verdict: 'passed', message: 'Every setting of the bucket is as it was made' };
  }
  const message = `Somebody has changed the bucket: ${drifted.map(({ found }) => found).join('; ')}`;
  return { ...failed('managed_settings_changed', message), fix: provisionFix };
}

async function checkPolicy({ context, connection, clients }: OperatorView): Promise<Finding> {
  if (connection.revokedAt !== null) {
    const message = `The customer's access was revoked at ${connection.revokedAt}`;
    return { ...failed('managed_access_revoked', message), fix: provisionFix };
  }
  const { bucketPolicy } = managedAccess(connection, context.deps.operator);
  const drift = findPolicyDrift(await readBucketPolicy(clients.s3, connection), bucketPolicy);
  const named = (what: string, sids: readonly string[]) =>
    sids.length === 0 ? [] : [`${what} ${sids.map((sid) => `"${sid}"`).join(', ')}`];
  const fix = { ...provisionFix, document: 'bucketPolicy', policy: bucketPolicy } as const;
  if (hasDrift(drift)) {
    const found = [
      ...named('without', drift.missing),
      ...named('with a changed', drift.changed),
      ...named('with the left-over', drift.obsolete),
    ];
    const message = `The bucket policy is ${found.join(', ')}`;
    return { ...failed('managed_policy_changed', message), fix };
  }
  if (drift.foreign.length > 0) {
    const message = `Somebody has added ${named('statement', drift.foreign).join()} to the bucket policy`;
    return {
      ...failed('managed_policy_extended', message),
      verdict: 'warned',
      fix: { ...fix, text: `Keep it if it is meant; else ${startLow(removeOthers)}` },
    };
  }
  return { verdict: 'passed', message: 'The bucket policy is as it was made' };
}

async function checkStrangers({ context, connection, clients }: OperatorView): Promise<Finding> {
  const { operator } = context.deps;
  const policy = await readBucketPolicy(clients.s3, connection);
  const known = [connection.customerAccountId, operator.accountId];
  const strangers = policy === null ? [] : strangersIn(policy, known);
  if (strangers.length === 0) {
    return { verdict: 'passed', message: 'No statement allows anything to anybody else' };
  }
  const message = `The bucket policy lets in ${strangers.join(', ')}`;
  return {
    ...failed('managed_policy_open', message),
    fix: {
      document: 'bucketPolicy',
      text: removeOthers,
      policy: managedAccess(connection, operator).bucketPolicy,
    },
  };
}

const removeOthers =
  'Provision the connection with "bucketPolicy": "replace", which removes what others have added';

async function checkRole({ context, connection, clients }: OperatorView): Promise<Finding> {
  const { role } = managedAccess(connection, context.deps.operator);
  if (role === null) return { verdict: 'skipped', message: 'The access was revoked' };
  const found = await readRole(clients.iam, role.name);
  const drift = findRoleDrift(found, role);
  if (drift.length > 0) {
    const fix = { ...trustFix(role), text: roleFixText(role, found) };
    return { ...failed('managed_role_changed', `In IAM, ${drift.join('; ')}`), fix };
  }
  return { verdict: 'passed', message: `Role "${role.name}" is as it was made` };
}

/**
 * Two proofs: the trust policy as it is, evaluated for callers that must be refused, and
 * AWS's own answer to us, who are none of the customer's principals.
 */
async function checkRoleRefuses({ context, connection, clients }: OperatorView): Promise<Finding> {
  const { role } = managedAccess(connection, context.deps.operator);
  if (role === null || connection.access !== 'operator_role') {
    return { verdict: 'skipped', message: 'The access was revoked' };
  }
  const found = await readRole(clients.iam, role.name);
  const faults = found === null ? [] : trustFaults(found.trustPolicy, connection);
  const answer = await context.untilSpread(
    () =>
      attempt('sts:AssumeRole', () =>
        context.sts().send(
          new AssumeRoleCommand({
            RoleArn: connection.roleArn,
            RoleSessionName: `causeway-check-${context.probeId}`,
            ...(connection.externalId !== null && { ExternalId: connection.externalId }),
          }),
        ),
      ),
    (each) => !each.ok,
  );
  const { evidence } = answer;
  const open = [
    ...faults,
    ...(answer.ok ? ['Causeway itself, which asked STS for a session'] : []),
  ];
  if (open.length > 0) {
    const message = `The role can be assumed by ${open.join(', ')}`;
    return { ...failed('managed_role_open', message), fix: trustFix(role), evidence };
  }
  if (!answer.ok && answer.code !== 'AccessDenied') {
    throw unanswered('sts:AssumeRole', answer);
  }
  return { verdict: 'passed', message: 'Refused to strangers and to Causeway itself', evidence };
}

/** What others gave the role is not taken away by provisioning: it may be meant. */
function roleFixText({ name }: AccessRole, found: FoundRole | null): string {
  const others = (found?.others ?? []).map((each) =>
    each.startsWith('arn:')
      ? `detach ${each} from role "${name}"`
      : `delete inline policy "${each}" of role "${name}"`,
  );
  return startHigh([...others, startLow(provisionFix.text)].join('; then '));
}

function trustFix({ trustPolicy }: { readonly trustPolicy: object }): Fix {
  return { ...provisionFix, document: 'trustPolicy', policy: trustPolicy };
}
