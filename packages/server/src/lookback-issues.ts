import type { Dataset, DeliveryCreate } from '@causeway/contract';

/** Why a delivery cannot look back for rows that came late, by path. */
export function lookbackIssues(
  { mode, lookbackSeconds }: Pick<DeliveryCreate, 'mode' | 'lookbackSeconds'>,
  { source, primaryKey, name }: Pick<Dataset, 'source' | 'primaryKey' | 'name'>,
): { path: string; message: string }[] {
  if (lookbackSeconds === 0) return [];
  const path = 'lookbackSeconds';
  if (mode !== 'incremental') {
    return [{ path, message: `is for mode "incremental": a "${mode}" delivery sends all rows` }];
  }
  if (source.type === 'push') {
    return [{ path, message: 'is not for pushed records, whose windows miss none' }];
  }
  if (primaryKey.length > 0) return [];
  const message = `needs a primary key, which dataset "${name}" has not: equal rows could not be told apart`;
  return [{ path, message }];
}
