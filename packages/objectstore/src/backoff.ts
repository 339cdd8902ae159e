import { setTimeout as sleep } from 'node:timers/promises';

const firstPauseMs = 200;
const longestPauseMs = 10_000;

export interface Backoff {
  /** Waits before another attempt. False when the time for attempts is over. */
  pause(): Promise<boolean>;
}

/**
 * Growing pauses with full jitter, within a total time.
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export function startBackoff(budgetMs: number, signal?: AbortSignal): Backoff {
  const deadline = performance.now() + budgetMs;
  let attempts = 0;
  return {
    async pause() {
      const ceiling = Math.min(longestPauseMs, firstPauseMs * 2 ** attempts++);
      const pauseMs = Math.random() * ceiling;
      if (performance.now() + pauseMs > deadline) return false;
      await sleep(pauseMs, undefined, signal && { signal });
      return true;
    },
  };
}
