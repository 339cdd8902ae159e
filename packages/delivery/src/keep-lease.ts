import { type Lease, LeaseLostError, type RunJournal, renewSeconds } from './journal.ts';

export interface KeptLease {
  /** Aborted when the lease is lost. */
  readonly lost: AbortSignal;
  /** Aborted when somebody has asked for the run to be cancelled. */
  readonly cancelled: AbortSignal;
  stop(): void;
}

/**
 * Renews the lease of a run in hand until told to stop, and tells what the journal answers.
 * One that cannot be reached says nothing: the lease runs out by itself.
 */
export function keepLease(lease: Lease, journal: Pick<RunJournal, 'renewLease'>): KeptLease {
  const lost = new AbortController();
  const cancelled = new AbortController();
  const renew = async () => {
    try {
      const { cancelRequested } = await journal.renewLease(lease);
      if (cancelRequested) cancelled.abort(new Error(`Run "${lease.runId}" is to be cancelled`));
    } catch (error) {
      if (error instanceof LeaseLostError) lost.abort(error);
    }
  };
  const timer = setInterval(() => void renew(), renewSeconds * 1000);
  return {
    lost: lost.signal,
    cancelled: cancelled.signal,
    stop: () => clearInterval(timer),
  };
}
