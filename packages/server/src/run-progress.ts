import type { Run, RunProgress } from '@causeway/contract';

/** The part of a run that changes while it goes on. */
export function toProgress(run: Run): RunProgress {
  const sum = (field: 'rows' | 'bytes') =>
    run.recipients.reduce((total, recipient) => total + recipient[field], 0);
  return {
    runId: run.id,
    state: run.state,
    rows: sum('rows'),
    bytes: sum('bytes'),
    fractionDone: run.fractionDone,
    recipients: run.recipients.map(({ customerId, state, bytes }) => ({
      customerId,
      state,
      bytes,
    })),
  };
}
