import { type Column, type Dataset, type DeliveryCreate, sentKey } from '@causeway/contract';

interface Issue {
  readonly path: string;
  readonly message: string;
}

/** Why a column cannot mark the deleted rows of a dataset; null if it can. */
export function deletedColumnIssue(
  { name, type }: Column,
  primaryKey: readonly string[],
): Issue | null {
  const path = 'deletedColumn';
  if (primaryKey.length === 0) {
    return { path, message: 'needs a "primaryKey", by which deleted rows are named' };
  }
  if (primaryKey.includes(name)) {
    return { path, message: `cannot be "${name}", which is part of the primary key` };
  }
  // A text such as "false" is not null, and would delete its row.
  if (type === 'BOOLEAN' || /^(TIMESTAMP|DATE$)/.test(type)) return null;
  return { path, message: `must be a boolean or a time: "${name}" is of type "${type}"` };
}

/** What cannot be about a delivery of rows that may be deleted, by path. */
export function tombstoneIssues(
  { columns }: Pick<DeliveryCreate, 'columns'>,
  { deletedColumn, primaryKey }: Pick<Dataset, 'deletedColumn' | 'primaryKey'>,
): Issue[] {
  if (deletedColumn === null || sentKey(primaryKey, columns).length > 0) return [];
  const key = primaryKey.map((name) => `"${name}"`).join(', ');
  const message = `must have ${key}: tombstones name deleted rows by the whole primary key`;
  return [{ path: 'columns', message }];
}
