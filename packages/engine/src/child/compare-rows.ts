import type { Column } from '@causeway/contract';
import { type CompareJob, deliveredName, type RowComparison } from '../protocol.ts';
import { describeParquet } from './describe-parquet.ts';
import { readCsv, readJsonObjects } from './read-text.ts';
import { typeInParquet } from './row-shape.ts';
import type { Session } from './session.ts';
import { chosenColumns, selectRows } from './source-rows.ts';
import { openSourceTable } from './source-table.ts';
import { quoteIdentifier, readParquet } from './sql.ts';
import { countRows } from './table-facts.ts';

/**
 * Compares the rows a customer should have with those delivered, as multisets: every
 * value of every row, NULL equal to NULL, no matter the order. Exact: rows are
 * compared themselves, by grouping that spills to disk when memory runs short.
 *
 * JSON is compared as the very text that DuckDB writes for the row, CSV as the text
 * of each value.
 */
export async function compareRows(session: Session, job: CompareJob): Promise<RowComparison> {
  const source = await openSourceTable(session, job.source, 'read');
  const columns = chosenColumns(source, job);
  const names = Array.from({ length: job.files }, (_, index) => deliveredName(index, job.format));
  const expected = selectRows(
    {
      // An array's objects are compared without what stands between them.
      ...(job.format === 'json' ? { ...job, format: 'jsonl' } : job),
      split: job.customer && {
        columns: [job.customer.column],
        values: [[job.customer.value]],
        slices: [1],
        indexColumn: '',
      },
    },
    source,
  );
  if (job.format === 'parquet' && !(await haveColumns(session, names, columns))) {
    const rows = await countRows(session, readParquet(names));
    const onlyInSource = await countRows(session, `(${expected.sql})`, expected.values);
    return { equal: false, onlyInSource, onlyInDelivery: rows, rows };
  }
  const isJson = job.format === 'jsonl' || job.format === 'json';
  const width = isJson ? 1 : columns.length;
  const wanted = job.format === 'csv' ? asText(expected.sql, columns) : expected.sql;
  const delivered = selectDelivered(job, names, columns, wanted);
  const answer = await session.rows(balanceQuery(wanted, delivered, width), expected.values);
  const onlyInSource = Number(answer[0]?.['only_in_source']);
  const onlyInDelivery = Number(answer[0]?.['only_in_delivery']);
  const rows = Number(answer[0]?.['delivered']);
  return { equal: onlyInSource === 0 && onlyInDelivery === 0, onlyInSource, onlyInDelivery, rows };
}

/** Whether every file has the columns of the source, in any order, with the types that they are written as. */
async function haveColumns(
  session: Session,
  names: readonly string[],
  columns: readonly Column[],
): Promise<boolean> {
  const describe = (column: Column) => JSON.stringify([column.name, column.type]);
  const written = columns.map((column) => ({ ...column, type: typeInParquet(column.type) }));
  const expected = written.map(describe).sort().join();
  for (const name of names) {
    const found = await describeParquet(session, [name]);
    if (found.map(describe).sort().join() !== expected) return false;
  }
  return true;
}

function selectDelivered(
  job: CompareJob,
  names: readonly string[],
  columns: readonly Column[],
  expected: string,
): string {
  if (names.length === 0) return `SELECT * FROM (${expected}) WHERE false`;
  const list = columns.map((column) => quoteIdentifier(column.name)).join(', ');
  switch (job.format) {
    case 'parquet':
      return `SELECT ${list} FROM ${readParquet(names)}`;
    case 'csv':
      if (!job.csv) throw new Error('CSV without its form');
      return `SELECT ${list} FROM ${readCsv({ ...job, csv: job.csv }, names, columns)}`;
    case 'jsonl':
    case 'json':
      return `SELECT line FROM ${readJsonObjects(job, names)}`;
  }
}

function asText(query: string, columns: readonly Column[]): string {
  const list = columns.map(({ name }) => `CAST(${quoteIdentifier(name)} AS VARCHAR)`);
  return `SELECT ${list.join(', ')} FROM (${query})`;
}

/** Each distinct row counts +1 for every copy in the source and -1 for every one delivered. */
function balanceQuery(expected: string, delivered: string, width: number): string {
  const list = Array.from({ length: width }, (_, index) => `c${index}`).join(', ');
  return `
    SELECT coalesce(sum(greatest(balance, 0)), 0) AS only_in_source,
      coalesce(sum(greatest(-balance, 0)), 0) AS only_in_delivery,
      coalesce(sum(delivered), 0) AS delivered
    FROM (
      SELECT sum(side) AS balance, count(*) FILTER (side < 0) AS delivered
      FROM (
        SELECT 1 AS side, ${list} FROM (${expected}) AS e(${list})
        UNION ALL
        SELECT -1 AS side, ${list} FROM (${delivered}) AS d(${list})
      ) GROUP BY ${list}
    )`;
}
