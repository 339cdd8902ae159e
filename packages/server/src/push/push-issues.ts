import type { Dataset, DeliveryCreate } from '@causeway/contract';

interface Issue {
  readonly path: string;
  readonly message: string;
}

/** What goes together with pushed records alone, by path. */
export function pushIssues(
  { schedule, mode }: Pick<DeliveryCreate, 'schedule' | 'mode'>,
  { name, source }: Dataset,
): Issue[] {
  if (schedule?.type !== 'batch') return [];
  const path = 'schedule.type';
  if (source.type !== 'push') {
    return [{ path, message: `cannot be "batch", since nothing is pushed to dataset "${name}"` }];
  }
  if (mode === 'incremental') return [];
  return [{ path, message: 'cannot be "batch" unless "mode" is "incremental"' }];
}
