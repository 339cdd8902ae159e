import { type CauseCode, causeOf, type FixTarget } from '@causeway/contract';
import type { StatementDocument } from '@causeway/policy';
import { type AccessDenial, parseAccessDenied } from './access-denied.ts';
import type { Refused } from './attempt.ts';
import type { CheckContext, Finding, Fix } from './check-context.ts';
import { labelOf } from './expected-documents.ts';
import { addStatements, rankedCauses, sideOf, startHigh, startLow } from './finding-parts.ts';
import { keyFinding } from './key-finding.ts';
import { signalOf } from './signals.ts';

/** An S3 call that was refused, and what it was for. */
export interface Wanted {
  readonly cause: CauseCode;
  /** Completes "... may not ...". */
  readonly what: string;
  readonly action: string;
  /** The ARN, or pattern of ARNs, that the action is wanted on. */
  readonly resource: string;
  /** The statements of the permissions policy that allow it, by Sid. */
  readonly sids: readonly string[];
}

/** A refused S3 call as a failed finding: what was refused, by which policy, and what to change. */
export function refusalFinding(context: CheckContext, answer: Refused, wanted: Wanted): Finding {
  if (!isDenied(answer)) return signalFinding(context, answer, wanted);
  const denial = parseAccessDenied(answer.evidence.message ?? '');
  const found = { verdict: 'failed', evidence: answer.evidence } as const;
  // What narrows a session is Causeway's own doing, whatever it is about.
  if (denial.action?.startsWith('kms:') && denial.policyType !== 'session') {
    return { ...found, ...keyFinding(context, denial, wanted.what) };
  }
  const elsewhere = denial.policyType === null ? undefined : guards[denial.policyType];
  if (elsewhere) return { ...found, ...guardFinding(context, denial, wanted, elsewhere) };
  if (denial.kind === 'unknown' && isWithinAccount(context)) {
    return { ...found, ...silentFinding(context, wanted) };
  }
  if (denial.kind === 'explicit_deny') {
    return { ...found, ...denyFinding(context, denial, wanted) };
  }
  return { ...found, ...missingFinding(context, denial, wanted) };
}

export function isDenied({ code }: Refused): boolean {
  return code === 'AccessDenied' || code === 'Forbidden' || code === '403';
}

/** A refusal that is not about access, from the catalogue; what is not there is shown as it is. */
export function signalFinding(
  { connection }: Pick<CheckContext, 'connection'>,
  answer: Refused,
  { what }: Pick<Wanted, 'what'>,
): Finding {
  const { code, evidence } = answer;
  const signal = signalOf(code, evidence.message ?? '', connection.access);
  if (!signal) {
    return {
      verdict: 'failed',
      side: 'customer',
      cause: 'refused',
      message: `Causeway could not ${what}: the answer was ${code}`,
      evidence,
    };
  }
  const { side, text } = causeOf(signal.cause);
  return {
    verdict: 'failed',
    side: signal.side ?? side,
    cause: signal.cause,
    message: `Causeway could not ${what}: ${startLow(text)}`,
    fix: signal.fix,
    evidence,
  };
}

/** A policy that only limits, so that what is missing in it cannot be added elsewhere. */
interface Guard {
  readonly cause: CauseCode;
  readonly document: FixTarget;
  readonly noun: string;
}

const organization = {
  cause: 'organization_denied',
  document: 'organizationPolicy',
} as const;

/** By AWS's word for the type of policy. */
const guards: Readonly<Record<string, Guard>> = {
  'permissions boundary': {
    cause: 'boundary_denied',
    document: 'permissionsBoundary',
    noun: 'the permissions boundary',
  },
  session: { cause: 'session_policy_denied', document: 'connection', noun: 'the session policy' },
  'service control': { ...organization, noun: 'a service control policy' },
  'resource control': { ...organization, noun: 'a resource control policy' },
  'VPC endpoint': {
    cause: 'endpoint_policy_denied',
    document: 'endpointPolicy',
    noun: 'the policy of the VPC endpoint',
  },
};

function guardFinding(
  context: CheckContext,
  { kind, policyArn }: AccessDenial,
  wanted: Wanted,
  { cause, document, noun }: Guard,
): Omit<Finding, 'verdict'> {
  const { principal } = context;
  const named = policyArn === null ? noun : `${noun} ${policyArn}`;
  const denies = kind === 'explicit_deny';
  const how = denies ? 'denies it explicitly' : 'does not allow it';
  const text = denies
    ? `Except ${principal.arn} from the Deny of ${named}, or take ${wanted.action} out of it`
    : `Allow ${wanted.action} on ${wanted.resource} in ${named}`;
  const isBoundary = document === 'permissionsBoundary' && !denies;
  return {
    side: sideOf(cause),
    cause,
    message: `${startHigh(principal.noun)} may not ${wanted.what}: ${named} ${how}`,
    fix: {
      document,
      text,
      ...(isBoundary && {
        policy: context.documents['permissionsBoundary'],
        patch: addStatements(statementsOf(context, wanted)),
      }),
    },
  };
}

function denyFinding(
  context: CheckContext,
  { policyType }: AccessDenial,
  wanted: Wanted,
): Omit<Finding, 'verdict'> {
  const { principal } = context;
  const isOwn = policyType === 'identity-based';
  return {
    side: 'customer',
    cause: 'explicit_deny',
    ...(!isOwn && { causes: rankedCauses(...demandsOf(context)) }),
    message: `${startHigh(principal.noun)} may not ${wanted.what}: a ${policyType} policy denies it explicitly`,
    fix: isOwn
      ? {
          document: 'permissionsPolicy',
          text: `Take the Deny of ${wanted.action} out of the policies of ${principal.noun}`,
          policy: context.documents['permissionsPolicy'],
        }
      : exceptionFix(context, wanted.action),
  };
}

/** What a Deny that no header satisfies usually asks for. */
function demandsOf({ deps }: CheckContext): CauseCode[] {
  const plain = deps.endpoint?.startsWith('http:') ?? false;
  return plain ? ['tls_demanded', 'network_demanded'] : ['network_demanded'];
}

/**
 * Spares the role or user in a Deny of the bucket policy, the way AWS advises: by a
 * condition, since `NotPrincipal` would have to name every session. The policy itself is
 * not known, so the patch is for the statement.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function exceptionFix({ principal }: CheckContext, action: string): Fix {
  return {
    document: 'bucketPolicy',
    text: `Except ${principal.arn} from the Deny of ${action} in the bucket policy: add "ArnNotEquals": {"aws:PrincipalArn": "${principal.arn}"} to the Condition of that statement`,
    patchOf: 'statement',
    patch: [
      {
        op: 'add',
        path: '/Condition/ArnNotEquals',
        value: { 'aws:PrincipalArn': principal.arn },
      },
    ],
  };
}

/** Whether the role or user is of the account that is to own the bucket. */
function isWithinAccount({ principal, connection }: CheckContext): boolean {
  return principal.arn.split(':')[4] === connection.accountId;
}

/**
 * S3 says why it refuses to callers of the bucket's account, so silence means that the bucket
 * is not of it: most likely the name is somebody else's.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
 */
function silentFinding(context: CheckContext, wanted: Wanted): Omit<Finding, 'verdict'> {
  const { connection, principal } = context;
  return {
    side: sideOf(wanted.cause),
    cause: wanted.cause,
    causes: rankedCauses('bucket_owner_mismatch', 'statement_missing', 'explicit_deny'),
    message: `${startHigh(principal.noun)} may not ${wanted.what}, and S3 does not say why, as it does of buckets of account ${connection.accountId}`,
    fix: {
      document: 'bucket',
      text: `See that bucket "${connection.bucket}" belongs to account ${connection.accountId}, or connect one that does; then allow ${wanted.action} on ${wanted.resource}`,
      policy: context.documents['permissionsPolicy'],
    },
  };
}

/** No statement allows it: in the policy of the caller, or, between accounts, of the bucket. */
function missingFinding(
  context: CheckContext,
  denial: AccessDenial,
  wanted: Wanted,
): Omit<Finding, 'verdict'> {
  const { principal } = context;
  const ofBucket = denial.policyType === 'resource-based';
  const document = ofBucket ? 'bucketPolicy' : 'permissionsPolicy';
  const owner = ofBucket ? 'the bucket' : principal.noun;
  return {
    side: sideOf(wanted.cause),
    cause: wanted.cause,
    causes: [
      ...rankedCauses('statement_missing', 'statement_on_wrong_arn', 'statement_prefix_differs'),
      ...(denial.kind === 'unknown'
        ? rankedCauses('explicit_deny', 'bucket_owner_mismatch')
        : rankedCauses('policy_not_attached')),
      ...rankedCauses('not_spread_yet'),
    ],
    message: `${startHigh(principal.noun)} may not ${wanted.what}: no statement allows ${wanted.action} on ${wanted.resource}`,
    fix: {
      document,
      text: `Allow ${wanted.action} on ${wanted.resource} in the policy of ${owner}`,
      policy: context.documents[document],
      patch: addStatements(statementsOf(context, wanted, document)),
    },
  };
}

/** The statements of the guide's own document that allow what is wanted. */
function statementsOf(
  { documents, connection }: CheckContext,
  { sids }: Wanted,
  document: 'permissionsPolicy' | 'bucketPolicy' = 'permissionsPolicy',
): readonly StatementDocument[] {
  const { Statement = [] } = (documents[document] ?? {}) as {
    readonly Statement?: readonly StatementDocument[];
  };
  const names =
    document === 'bucketPolicy' ? sids.map((sid) => `Causeway${sid}${labelOf(connection)}`) : sids;
  return Statement.filter(({ Sid = '' }) => names.includes(Sid));
}
