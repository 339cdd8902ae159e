import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckContext } from './check-context.ts';

/**
 * Gives answers time to become right: asks at once, then after 1, 2, 4 and so on up to 8
 * seconds, until the answer settles the matter or the seconds since now are over.
 */
export function spreadingWait(
  seconds: number,
  signal: AbortSignal | undefined,
): CheckContext['untilSpread'] {
  const deadline = performance.now() + seconds * 1000;
  return async (ask, settled) => {
    for (let pauseMs = 1000; ; pauseMs = Math.min(pauseMs * 2, 8000)) {
      const answer = await ask();
      if (settled(answer) || performance.now() + pauseMs > deadline) return answer;
      // What ended it is told, not that a timer was ended.
      await sleep(pauseMs, undefined, signal && { signal }).catch((error: unknown) => {
        throw signal?.reason ?? error;
      });
    }
  };
}
