import { CausewayError, type Dataset, type DeliveryCreate } from '@causeway/contract';
import type { Records } from '@causeway/store';

const dayMs = 86_400_000;

/**
 * Where the windows of a delivery begin, for those who have had nothing of it; null: with all
 * that there is. Of pushed records `none` is exact: what was answered before is left out.
 *
 * @throws CausewayError `invalid_request` for a full delivery, which sends all there is.
 */
export async function historyStart(
  { mode, history }: Pick<DeliveryCreate, 'mode' | 'history'>,
  { id, source }: Dataset,
  { pushedRecords }: Pick<Records, 'pushedRecords'>,
  now = new Date(),
): Promise<string | null> {
  if (history === 'all') return null;
  if (mode === 'full') refuse('is for incremental deliveries: a full one sends all there is');
  if (history === 'none') {
    return source.type === 'push' ? (await pushedRecords.seal(id)).until : now.toISOString();
  }
  if ('days' in history) return new Date(now.getTime() - history.days * dayMs).toISOString();
  if (/\.\d{6}0*[1-9]/.test(history.since)) refuse('must not be finer than microseconds');
  if (Date.parse(history.since) > now.getTime()) refuse('must not be later than now');
  return history.since;
}

function refuse(message: string): never {
  throw new CausewayError('invalid_request', { issues: [{ path: 'history', message }] });
}
