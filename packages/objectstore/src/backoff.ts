import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Failure } from './s3-failure.ts';

const firstPauseMs = 200;
const longestPauseMs = 10_000;
/** Bytes damaged this often were not damaged by chance. */
const mostCorruptions = 2;

export interface Backoff {
  /** Waits before another attempt. False when the time for attempts is over, or `failure` will not pass. */
  pause(failure: S3Failure): Promise<boolean>;
}

/**
 * Growing pauses with full jitter, within a total time.
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export function startBackoff(budgetMs: number, signal?: AbortSignal): Backoff {
  const deadline = performance.now() + budgetMs;
  let attempts = 0;
  let corruptions = 0;
  return {
    async pause(failure) {
      if (failure === 'corrupted' && ++corruptions > mostCorruptions) return false;
      const ceiling = Math.min(longestPauseMs, firstPauseMs * 2 ** attempts++);
      const pauseMs = Math.random() * ceiling;
      if (performance.now() + pauseMs > deadline) return false;
      await sleep(pauseMs, undefined, signal && { signal });
      return true;
    },
  };
}
