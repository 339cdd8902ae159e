import type { RecipientState, Run, RunProgress, RunState } from '@causeway/contract';

const ends: readonly RunState[] = ['succeeded', 'partial', 'failed', 'cancelled'];

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
    fractionDone: fractionDone(run),
    recipients: run.recipients.map(({ customerId, state, bytes }) => ({
      customerId,
      state,
      bytes,
    })),
  };
}

const endsOfRecipients: readonly RecipientState[] = [
  'delivered',
  'unchanged',
  'failed',
  'cancelled',
];

/** By customers. Of one alone nobody knows how much there is to come. */
function fractionDone(run: Run): number | null {
  if (hasEnded(run)) return 1;
  const { length } = run.recipients;
  if (length < 2) return null;
  return run.recipients.filter(({ state }) => endsOfRecipients.includes(state)).length / length;
}
