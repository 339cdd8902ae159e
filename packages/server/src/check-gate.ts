import type { CheckReport, PlacedConnection } from '@causeway/contract';
import { createRateLimit } from './rate-limit.ts';

export interface CheckGate {
  /**
   * Does a check, or waits with those who asked before for the same one. It is broken
   * off when the last of them has gone.
   *
   * @throws CausewayError `too_many_requests`, or what the check throws.
   */
  check(
    connection: PlacedConnection,
    work: (signal: AbortSignal) => Promise<CheckReport>,
    signal?: AbortSignal,
  ): Promise<CheckReport>;
}

interface UnderWay {
  readonly report: Promise<CheckReport>;
  readonly abandon: AbortController;
  waiting: number;
}

/**
 * Checks call AWS a dozen times in the name of somebody else's account, where each
 * call is written down: so one at a time for a connection, and not without end for a customer.
 */
export function createCheckGate(): CheckGate {
  // A page that waits for a role asks every 3 seconds in the first minute, and then every 10.
  const limit = createRateLimit({ what: 'check a connection', burst: 30, secondsEach: 4 });
  const underWay = new Map<string, UnderWay>();
  return {
    async check(connection, work, signal) {
      const { id, bucket, prefix, accountId } = connection;
      const key = JSON.stringify([id, bucket, prefix, accountId]);
      const current = underWay.get(key) ?? begin(key, connection.customerId, work);
      current.waiting++;
      const leave = () => {
        if (--current.waiting > 0) return;
        forget(key, current);
        current.abandon.abort(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      try {
        return await current.report;
      } finally {
        signal?.removeEventListener('abort', leave);
      }
    },
  };

  function begin(
    key: string,
    customerId: string,
    work: (signal: AbortSignal) => Promise<CheckReport>,
  ): UnderWay {
    limit.take(customerId);
    const abandon = new AbortController();
    const report = work(abandon.signal).finally(() => forget(key, current));
    const current: UnderWay = { report, abandon, waiting: 0 };
    underWay.set(key, current);
    return current;
  }

  function forget(key: string, current: UnderWay): void {
    if (underWay.get(key) === current) underWay.delete(key);
  }
}
