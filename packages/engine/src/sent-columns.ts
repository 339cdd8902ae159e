import type { Column, ErrorDetails } from '@causeway/contract';
import type { UnloadScanJob } from './protocol.ts';

/** What a job says of columns, of all that its source has. */
type ColumnChoice = Pick<UnloadScanJob, 'schema' | 'columns' | 'sendsAdded' | 'deleted'>;

/**
 * How the source differs from what the job expects: those columns that it sends, and the one
 * that marks deleted rows, must be there with the same types, whatever their order.
 */
export function schemaChanges(
  columns: readonly Column[],
  { schema, columns: asked, deleted }: Omit<ColumnChoice, 'sendsAdded'>,
): ErrorDetails<'schema_changed'>['changes'] {
  const needed = asked && [...asked, ...(deleted ? [deleted.column] : [])];
  const expected = schema?.filter(({ name }) => needed?.includes(name) ?? true) ?? [];
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  return expected
    .map(({ name, type }) => ({ column: name, before: type, after: types.get(name) ?? null }))
    .filter(({ before, after }) => before !== after);
}

/**
 * The columns to write, in their order; null: all of the source, as they are. What the
 * source has besides those that the job expects is left out, or comes after them.
 */
export function sentColumns(
  columns: readonly Column[],
  { schema, columns: asked, sendsAdded }: Omit<ColumnChoice, 'deleted'>,
): readonly string[] | null {
  if (schema === null || asked !== null) return asked;
  const known = schema.map(({ name }) => name);
  const added = columns.map(({ name }) => name).filter((name) => !known.includes(name));
  const names = sendsAdded ? [...known, ...added] : known;
  const isSame =
    columns.length === names.length && columns.every(({ name }, i) => name === names[i]);
  return isSame ? null : names;
}
