import type { Column } from '@causeway/contract';
import type { DeletedRows } from '../engine.ts';
import { columnOf, findColumn } from './sql.ts';

/**
 * The condition that a row of `table` is one of those that were marked as deleted, or none.
 *
 * @throws JobError `column_not_found`.
 */
export function deletedCondition(
  { column, keep }: DeletedRows,
  table: string,
  columns: readonly Column[],
): string {
  const { name, type } = findColumn(column, columns);
  const value = columnOf(table, name);
  if (type === 'BOOLEAN') return `${value} IS ${keep === 'deleted' ? '' : 'NOT '}TRUE`;
  return `${value} IS ${keep === 'deleted' ? 'NOT ' : ''}NULL`;
}
