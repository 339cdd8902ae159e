import { type FoundPartitions, type PartitionsJob, partitionsOf } from '../protocol.ts';
import { loadKnownRows } from './known-rows.ts';
import { loadWanted } from './load-wanted.ts';
import type { Session } from './session.ts';
import { sourceFailure } from './source-failure.ts';
import { selectRows, textOf } from './source-rows.ts';
import { openSourceTable } from './source-table.ts';
import { findColumn, freeName, quoteIdentifier } from './sql.ts';
import { countRows } from './table-facts.ts';

/**
 * Reads no more of the source than the columns that rows are told apart by.
 *
 * @throws JobError `file_not_readable`, `column_not_found`, `cursor_not_usable`.
 */
export async function findPartitions(
  session: Session,
  job: PartitionsJob,
): Promise<FoundPartitions> {
  const source = await openSourceTable(session, job.source, 'read');
  const { columns } = source;
  const split = partitionsOf(job.split);
  if (split) await loadWanted(session, split);
  if (job.known) await loadKnownRows(session);
  // As they are: DuckDB leaves out what is not asked for.
  const form = { format: 'parquet', compression: 'none', csv: null } as const;
  const rows = selectRows({ ...job, ...form, columns: null }, source);
  const table = freeName('found', columns);
  const values = job.columns.map((name) => textOf(table, findColumn(name, columns)));
  const index = split ? quoteIdentifier(split.indexColumn) : '0';
  const shown = [`${index} AS index`, ...values.map((value, i) => `${value} AS value_${i}`)];
  const groups = ['index', ...values.map((_, i) => `value_${i}`)].join(', ');
  const counting = session.rows(
    `SELECT ${groups}, count(*) AS n FROM (
      SELECT ${shown.join(', ')} FROM (${rows.sql}) AS ${quoteIdentifier(table)}
    ) GROUP BY ${groups} ORDER BY ${groups} LIMIT ${job.limit}`,
    rows.values,
  );
  const found = await counting.catch((error: unknown) => {
    throw sourceFailure(error, job.source);
  });
  const partitions = found.map((group) => ({
    index: Number(group['index']),
    values: values.map((_, i) => textOrNull(group[`value_${i}`])),
    rows: Number(group['n']),
  }));
  return { partitions, sourceRows: job.countAll ? await countRows(session, source.sql) : null };
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
