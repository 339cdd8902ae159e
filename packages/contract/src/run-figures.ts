import type { RecipientState, RunRecipient, RunState } from './runs.ts';

/** How long a customer's part of a run took, and how fast its bytes went; null while it is not known. */
export interface RunFigures {
  /** From the first byte read to the last part uploaded. */
  readonly prepareMs: number | null;
  /** Until the files and their manifest were visible. */
  readonly commitMs: number | null;
  /** While they were uploaded. */
  readonly bytesPerSecond: number | null;
}

/** What the phases of a recipient say to people. */
export function figuresOf({ bytes, phases, state }: RunRecipient): RunFigures {
  const { preparingAt, preparedAt, committingAt, endedAt } = phases;
  const prepareMs = spent(preparingAt, preparedAt);
  return {
    prepareMs,
    commitMs: spent(committingAt, state === 'delivered' ? endedAt : null),
    bytesPerSecond:
      prepareMs === null || bytes === 0
        ? null
        : Math.round((bytes / Math.max(1, prepareMs)) * 1000),
  };
}

function spent(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from));
}

const endsOfRuns: readonly RunState[] = ['succeeded', 'partial', 'failed', 'cancelled'];
const endsOfParts: readonly RecipientState[] = ['delivered', 'unchanged', 'failed', 'cancelled'];

/** Whether nothing of a run can change any more. */
export function hasEnded(run: { readonly state: RunState }): boolean {
  return endsOfRuns.includes(run.state);
}

/** How many of a run's customers are done with, however that came. */
export function customersDone(recipients: readonly Pick<RunRecipient, 'state'>[]): number {
  return recipients.filter(({ state }) => endsOfParts.includes(state)).length;
}

/** By customers. Of one alone nobody knows how much there is to come. */
export function fractionDone(run: {
  readonly state: RunState;
  readonly recipients: readonly Pick<RunRecipient, 'state'>[];
}): number | null {
  if (hasEnded(run)) return 1;
  const { length } = run.recipients;
  return length < 2 ? null : customersDone(run.recipients) / length;
}
