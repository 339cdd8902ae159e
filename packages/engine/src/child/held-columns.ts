import type { UnloadScanJob } from '../protocol.ts';
import { schemaChanges, sentColumns } from '../sent-columns.ts';
import { JobError } from './job-error.ts';
import type { SourceTable } from './source-table.ts';

/** As {@link sentColumns}. @throws JobError `schema_changed`, as {@link schemaChanges} tells. */
export function heldColumns(
  { columns }: SourceTable,
  job: Pick<UnloadScanJob, 'schema' | 'columns' | 'sendsAdded' | 'deleted'>,
): readonly string[] | null {
  const changes = schemaChanges(columns, job);
  if (changes.length > 0) throw new JobError({ code: 'schema_changed', details: { changes } });
  return sentColumns(columns, job);
}
