import type { RunFailure } from '@causeway/contract';
import { CausewayError } from '@causeway/contract';

/** When what failed is done again by itself. */
export interface RetryPlan {
  readonly afterSeconds: number;
  /**
   * - `time`: whose turn it was may have seen to it by then, or it passes by itself.
   * - `connection`: it was the customer's; only once a connection of the customer has been found
   *   healthy since the failure, however long that takes.
   */
  readonly awaits: 'time' | 'connection';
}

/** Over seven hours; what still fails then waits for the next run, or for somebody to ask. */
const mostRetries = 12;
const firstSeconds = 60;
const longestSeconds = 3600;

/**
 * How many seconds a run is left alone that can neither go on nor end, as its commit has begun:
 * longer each time, since what hinders it may last, be it a store or a fault of ours.
 */
export function pauseAfter(attempt: number): number {
  return Math.min(longestSeconds, 2 ** (attempt - 1));
}

/**
 * Decides on a failure: what AWS or the operator may have mended is tried again with back-off, and
 * what is the customer's to mend when it is mended. A first minute passes in any case, which is
 * what IAM takes to spread a change, but for a bucket that is in another region now: a check, which is
 * asked for at once, finds it there. What no repetition changes is left.
 */
export function planRetry(
  error: unknown,
  side: RunFailure['side'],
  retries: number,
): RetryPlan | null {
  if (retries >= mostRetries) return null;
  if (CausewayError.is(error) && error.retry === 'never') return null;
  const hasMoved = CausewayError.is(error, 'bucket_region_mismatch');
  const ofConnection =
    side === 'customer' ||
    hasMoved ||
    CausewayError.is(error, 'connection_not_ready') ||
    CausewayError.is(error, 'no_recipients');
  return {
    afterSeconds:
      hasMoved && retries === 0 ? 0 : Math.min(longestSeconds, firstSeconds * 2 ** retries),
    awaits: ofConnection ? 'connection' : 'time',
  };
}
