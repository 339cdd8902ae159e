import type { UnloadScanJob } from '../protocol.ts';
import { JobError } from './job-error.ts';
import type { SourceTable } from './source-table.ts';

/**
 * The columns to write, in their order; null: all of the source, as they are.
 *
 * Where the job says what columns it expects, those of them that it sends, and the one that
 * marks deleted rows, must be there with the same types. What the source has besides is left out, and its order does not matter.
 *
 * @throws JobError `schema_changed`.
 */
export function heldColumns(
  { columns }: SourceTable,
  { schema, columns: asked, deleted }: Pick<UnloadScanJob, 'schema' | 'columns' | 'deleted'>,
): readonly string[] | null {
  if (schema === null) return asked;
  const needed = asked && [...asked, ...(deleted ? [deleted.column] : [])];
  const expected = schema.filter(({ name }) => needed?.includes(name) ?? true);
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const changes = expected
    .map(({ name, type }) => ({ column: name, before: type, after: types.get(name) ?? null }))
    .filter(({ before, after }) => before !== after);
  if (changes.length > 0) throw new JobError({ code: 'schema_changed', details: { changes } });
  const isSame =
    columns.length === schema.length && columns.every(({ name }, i) => name === schema[i]?.name);
  return asked ?? (isSame ? null : schema.map(({ name }) => name));
}
