import { type CheckSchedule, checkHoldSeconds } from '@causeway/store';

/** Twice may one be late, or fail, before the check is taken for given up. */
const everyMs = (checkHoldSeconds * 1_000) / 3;

/** Does a check that this process has in hand, and keeps it in hand however long it takes. */
export async function keepCheck<T>(
  schedule: Pick<CheckSchedule, 'prolong'>,
  connectionId: string,
  check: () => Promise<T>,
): Promise<T> {
  // One that cannot be prolonged is made by another too, which harms nobody.
  const prolong = () => void schedule.prolong(connectionId).catch(() => {});
  const timer = setInterval(prolong, everyMs);
  try {
    return await check();
  } finally {
    clearInterval(timer);
  }
}
