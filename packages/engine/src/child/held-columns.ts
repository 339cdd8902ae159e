import type { UnloadScanJob } from '../protocol.ts';
import { JobError } from './job-error.ts';
import type { SourceTable } from './source-table.ts';

/**
 * The columns to write, in their order; null: all of the source, as they are.
 *
 * Where the job says what columns it expects, those of them that it sends, and the one that
 * marks deleted rows, must be there with the same types, whatever their order. What the
 * source has besides is left out, or comes after them.
 *
 * @throws JobError `schema_changed`.
 */
export function heldColumns(
  { columns }: SourceTable,
  job: Pick<UnloadScanJob, 'schema' | 'columns' | 'sendsAdded' | 'deleted'>,
): readonly string[] | null {
  const { schema, columns: asked, sendsAdded, deleted } = job;
  if (schema === null) return asked;
  const needed = asked && [...asked, ...(deleted ? [deleted.column] : [])];
  const expected = schema.filter(({ name }) => needed?.includes(name) ?? true);
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const changes = expected
    .map(({ name, type }) => ({ column: name, before: type, after: types.get(name) ?? null }))
    .filter(({ before, after }) => before !== after);
  if (changes.length > 0) throw new JobError({ code: 'schema_changed', details: { changes } });
  if (asked !== null) return asked;
  const known = schema.map(({ name }) => name);
  const added = columns.map(({ name }) => name).filter((name) => !known.includes(name));
  const names = sendsAdded ? [...known, ...added] : known;
  const isSame =
    columns.length === names.length && columns.every(({ name }, i) => name === names[i]);
  return isSame ? null : names;
}
