import type { DuckDBValue } from '@duckdb/node-api';
import { type FileForm, partitionsOf, type UnloadScanJob } from '../protocol.ts';
import { rowShape } from './row-shape.ts';
import type { SourceTable } from './source-table.ts';
import { columnOf, findColumn, freeName, quoteIdentifier, windowCondition } from './sql.ts';

export interface Query {
  readonly sql: string;
  readonly values: DuckDBValue[];
}

/**
 * The rows of the source that a job is about, in the shape its format is written from.
 *
 * @throws JobError `column_not_found`, `cursor_not_usable`.
 */
export function selectRows(
  job: FileForm & Pick<UnloadScanJob, 'window' | 'split'>,
  { sql, columns }: SourceTable,
): Query {
  const row = freeName('source_row', columns);
  const wanted = freeName('wanted', columns);
  const conditions: string[] = [];
  const values: DuckDBValue[] = [];
  let selected = rowShape(job, row, columns);
  let from = `${sql} AS ${quoteIdentifier(row)}`;

  if (job.split !== null) {
    const column = findColumn(job.split.column, columns);
    const key = `CAST(${columnOf(row, column.name)} AS VARCHAR)`;
    if (partitionsOf(job.split)) {
      selected += `, ${columnOf(wanted, 'output')} AS ${quoteIdentifier(job.split.indexColumn)}`;
      from += ` JOIN wanted AS ${quoteIdentifier(wanted)} ON ${columnOf(wanted, 'value')} = ${key}`;
    } else {
      conditions.push(`${key} = $1`);
      values.push(...job.split.values);
    }
  }
  const inWindow = windowCondition(job.window, row, columns);
  if (inWindow !== null) conditions.push(inWindow);
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  return { sql: `SELECT ${selected} FROM ${from}${where}`, values };
}
