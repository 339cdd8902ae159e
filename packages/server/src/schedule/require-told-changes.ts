import { CausewayError, type Dataset, type DeliverySchedule } from '@causeway/contract';
import type { Sources } from '../sources/source-kind.ts';

/**
 * Refuses a schedule on change for a source that does not tell its version: nobody would
 * ever see a change.
 *
 * @throws CausewayError `invalid_request`; as `Sources.version` does.
 */
export async function requireToldChanges(
  schedule: DeliverySchedule | null,
  { name, source }: Dataset,
  sources: Pick<Sources, 'version'>,
): Promise<void> {
  if (schedule?.type !== 'on_change' || source.type === 'push') return;
  if ((await sources.version(source)) !== null) return;
  const message = `cannot be "on_change", since the source of dataset "${name}" does not tell when it changed`;
  throw new CausewayError('invalid_request', { issues: [{ path: 'schedule.type', message }] });
}
