import type { Column } from '@causeway/contract';
import type { DuckDBValue } from '@duckdb/node-api';
import {
  type FileForm,
  partitionsOf,
  type RowChoice,
  type SplitRequest,
  type UnloadScanJob,
} from '../protocol.ts';
import { deletedCondition } from './deleted-rows.ts';
import { fingerprintOf, withoutKnown } from './known-rows.ts';
import { filterCondition } from './row-filter.ts';
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
 * @throws JobError `column_not_found`, `cursor_not_usable`, `filter_not_usable`.
 */
export function selectRows(
  job: FileForm &
    RowChoice &
    Pick<UnloadScanJob, 'columns' | 'split'> &
    Partial<Pick<UnloadScanJob, 'fingerprint' | 'rowName'>>,
  source: SourceTable,
): Query {
  const { sql, columns } = source;
  const row = freeName('source_row', columns);
  const wanted = freeName('wanted', columns);
  const conditions: string[] = [];
  const values: DuckDBValue[] = [];
  const add = (value: DuckDBValue) => `$${values.push(value)}`;
  const isWhole = job.columns === null;
  const name = job.rowName ? findColumn(job.rowName, columns) : null;
  let selected = job.fingerprint
    ? `${fingerprintOf(job.fingerprint, row, columns)} AS fingerprint`
    : rowShape(job, { table: row, columns: chosenColumns(source, job), isWhole, name });
  let from = `${sql} AS ${quoteIdentifier(row)}`;

  if (job.split !== null) {
    const keys = job.split.columns.map((name) => textOf(row, findColumn(name, columns)));
    if (partitionsOf(job.split)) {
      const output = outputOf(job.split, wanted);
      selected += `, ${output} AS ${quoteIdentifier(job.split.indexColumn)}`;
      const equal = keys.map((key, i) => {
        const mayBeNull = job.split?.values.some((value) => value[i] === null);
        const is = mayBeNull ? 'IS NOT DISTINCT FROM' : '=';
        return `${columnOf(wanted, wantedColumn(i))} ${is} ${key}`;
      });
      from += ` JOIN wanted AS ${quoteIdentifier(wanted)} ON ${equal.join(' AND ')}`;
    } else {
      const [only] = job.split.values;
      conditions.push(
        ...keys.map((key, i) => `${key} IS NOT DISTINCT FROM ${add(only?.[i] ?? null)}`),
      );
    }
  }
  const [splitBy] = job.split?.columns ?? [];
  const value = splitBy === undefined ? null : textOf(row, findColumn(splitBy, columns));
  from += withoutKnown(job, row, columns, job.known?.byOutput ? value : null);
  const inWindow = windowCondition(job.window, row, columns);
  if (inWindow !== null) conditions.push(inWindow);
  if (job.deleted) conditions.push(deletedCondition(job.deleted, row, columns));
  if (job.filter) conditions.push(filterCondition(job.filter, row, columns, add));
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  return { sql: `SELECT ${selected} FROM ${from}${where}`, values };
}

/** The output of a row; which of several, by chance, so that all are about as large. */
function outputOf({ slices }: SplitRequest, wanted: string): string {
  const first = columnOf(wanted, 'output');
  if (slices.every((count) => count === 1)) return first;
  return `${first} + CAST(floor(random() * ${columnOf(wanted, 'slices')}) AS INTEGER)`;
}

/** The columns of the files, in their order. @throws JobError `column_not_found`. */
export function chosenColumns(
  { columns }: SourceTable,
  job: Pick<UnloadScanJob, 'columns'>,
): readonly Column[] {
  return job.columns?.map((name) => findColumn(name, columns)) ?? columns;
}

/** What splits and partitions compare, and what a partition is called in a key. */
export function textOf(table: string, { name }: Column): string {
  return `CAST(${columnOf(table, name)} AS VARCHAR)`;
}

/** In the table `wanted`, the values of the split's column `index`. */
export function wantedColumn(index: number): string {
  return `value_${index}`;
}
