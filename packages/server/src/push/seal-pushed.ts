import {
  CausewayError,
  compareInstants,
  type Dataset,
  type Delivery,
  type Window,
} from '@causeway/contract';
import type { Records } from '@causeway/store';

/** What a run's windows need to know of pushed records; nothing, of other sources. */
export interface SealedPush {
  readonly sealedAt?: string;
  readonly startsAt?: string | null;
  /** Nothing that is kept was received then, or later; null: nothing is kept. */
  readonly end?: string | null;
}

/**
 * Closes what was pushed at the end of a run's windows: nothing that is still under way
 * comes into a window that has been. A full delivery ends with the last record, so that
 * running it again with nothing new is the same window and delivers nothing.
 *
 * @throws CausewayError `invalid_request` for a window of records that are still to come, or
 * that have been removed.
 */
export async function sealPushed(
  { mode, startsAt }: Pick<Delivery, 'mode' | 'startsAt'>,
  { id, source, createdAt }: Dataset,
  requested: Window | undefined,
  { pushedRecords }: Pick<Records, 'pushedRecords'>,
): Promise<SealedPush> {
  if (source.type !== 'push') return {};
  if (mode === 'full') return { sealedAt: (await pushedRecords.end(id)) ?? createdAt };
  const { until, end, removedBefore } = await pushedRecords.seal(id, requested?.to);
  if (requested) refuseRemoved(requested, removedBefore);
  return { sealedAt: until, end, startsAt: later(startsAt, removedBefore) };
}

/** Whether anything was pushed after a window. */
export function hasNew({ to }: Window, { end }: SealedPush): boolean {
  return end === undefined || (end !== null && compareInstants(to, end) < 0);
}

/** Its manifest would be signed for records that nobody has any more. */
function refuseRemoved({ from }: Window, removedBefore: string | null): void {
  if (removedBefore === null) return;
  if (from !== null && compareInstants(from, removedBefore) >= 0) return;
  const message = `must not be earlier than "${removedBefore}": what was received before has been removed`;
  throw new CausewayError('invalid_request', { issues: [{ path: 'window.from', message }] });
}

function later(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return compareInstants(one, other) < 0 ? other : one;
}
