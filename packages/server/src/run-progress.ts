import type { Run, RunProgress, RunState } from '@causeway/contract';

const ends: readonly RunState[] = ['succeeded', 'partial', 'failed'];

/** Whether nothing of a run can change any more. */
export function hasEnded(run: { readonly state: RunState }): boolean {
  return ends.includes(run.state);
}

/** The part of a run that changes while it goes on. */
export function toProgress(run: Run): RunProgress {
  const sum = (field: 'rows' | 'bytes') =>
    run.recipients.reduce((total, recipient) => total + recipient[field], 0);
  return {
    runId: run.id,
    state: run.state,
    rows: sum('rows'),
    bytes: sum('bytes'),
    fractionDone: hasEnded(run) ? 1 : null,
    recipients: run.recipients.map(({ customerId, state, bytes }) => ({
      customerId,
      state,
      bytes,
    })),
  };
}
