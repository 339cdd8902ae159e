import type { CheckReport, CheckStepId } from '@causeway/contract';

/** Something that a check finds otherwise than the check before, though both let the connection work. */
export interface Drift {
  readonly step: CheckStepId;
  /** `wider`: more is allowed than before, or refused less; `narrower`: the reverse. */
  readonly direction: 'wider' | 'narrower' | 'changed';
  readonly message: string;
}

/**
 * What became other since the last check in the documents that we offered, without
 * breaking anything: advice, and never a reason to stop. Failures are no drift, they change
 * the status.
 */
export function driftBetween(before: CheckReport | null, after: CheckReport): Drift[] {
  if (before === null) return [];
  return after.steps.flatMap((step) => {
    const earlier = before.steps.find(({ id }) => id === step.id);
    if (!earlier || !isAdvice(earlier.verdict) || !isAdvice(step.verdict)) return [];
    if (earlier.verdict === step.verdict && earlier.cause === step.cause) return [];
    const isWorse = step.verdict === 'warned' && earlier.verdict === 'passed';
    const direction = directionOf(step.id, earlier.verdict === step.verdict, isWorse);
    return [{ step: step.id, direction, message: step.message }];
  });
}

function isAdvice(verdict: CheckReport['steps'][number]['verdict']): boolean {
  return verdict === 'passed' || verdict === 'warned';
}

/** A warning of `scope` says that too much is allowed; of the others, that something is not. */
function directionOf(step: CheckStepId, isSame: boolean, isWorse: boolean): Drift['direction'] {
  if (isSame) return 'changed';
  return isWorse === (step === 'scope') ? 'wider' : 'narrower';
}
