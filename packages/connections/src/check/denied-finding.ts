import { parseAccessDenied } from './access-denied.ts';
import type { Attempt } from './attempt.ts';
import type { CheckContext, Finding } from './check-context.ts';

interface Wanted {
  readonly cause: string;
  /** Completes "The role may not ...". */
  readonly what: string;
  /** The permission, in the words of a policy. */
  readonly permission: string;
}

/** A refused S3 call as a failed finding: what was refused, by which policy, and what to add. */
export function deniedFinding<T>(
  context: CheckContext,
  answer: Extract<Attempt<T>, { ok: false }>,
  wanted: Wanted,
): Finding {
  if (answer.code !== 'AccessDenied' && answer.code !== 'Forbidden') {
    return {
      verdict: 'failed',
      side: 'customer',
      cause: wanted.cause,
      message: `Causeway could not ${wanted.what}: S3 answered ${answer.code}`,
      evidence: answer.evidence,
    };
  }
  const denial = parseAccessDenied(answer.evidence.message ?? '');
  if (denial.kind === 'explicit_deny') {
    return {
      verdict: 'failed',
      side: 'customer',
      cause: 'explicit_deny',
      message: `The role may not ${wanted.what}: a ${denial.policyType} policy denies it explicitly`,
      fix: {
        document: 'bucket',
        text: `Except ${context.principal.arn} from the Deny statement of the ${denial.policyType} policy`,
      },
      evidence: answer.evidence,
    };
  }
  return {
    verdict: 'failed',
    side: 'customer',
    cause: wanted.cause,
    message: `The role may not ${wanted.what}`,
    fix: {
      document: 'permissionsPolicy',
      text: `Allow ${wanted.permission} in the policy of ${context.principal.noun}`,
      policy: context.documents['permissionsPolicy'],
    },
    evidence: answer.evidence,
  };
}
