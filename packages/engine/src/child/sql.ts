import type { Column } from '@causeway/contract';
import type { CursorWindow } from '../cursor-window.ts';
import { JobError } from './job-error.ts';

/** The one way a name gets into SQL. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The one way a text of ours gets into SQL where no parameter can stand. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A list of such texts, as of the names of files. */
export function quoteList(texts: readonly string[]): string {
  return `[${texts.map(quoteLiteral).join(', ')}]`;
}

/** Only the columns of the file: names in its path say nothing. */
export function readParquet(names: readonly string[]): string {
  const union = names.length > 1 ? ', union_by_name = true' : '';
  return `read_parquet(${quoteList(names)}, hive_partitioning = false${union})`;
}

/** A name like `base` that is none of the columns, in any letter case. */
export function freeName(base: string, columns: readonly Column[]): string {
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  let name = base;
  for (let suffix = 1; taken.has(name.toLowerCase()); suffix += 1) name = `${base}_${suffix}`;
  return name;
}

/** @throws JobError `column_not_found`. DuckDB ignores letter case in names; a contract must not. */
export function findColumn(name: string, columns: readonly Column[]): Column {
  const column = columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  throw new JobError({
    code: 'column_not_found',
    details: { column: name, columns: columns.map((candidate) => candidate.name) },
  });
}

/** `table.column`, for a table alias that is no column. */
export function columnOf(table: string, name: string): string {
  return `${quoteIdentifier(table)}.${quoteIdentifier(name)}`;
}

/**
 * The condition that a row of `table` lies in the window, or null without one.
 *
 * Bounds are compared as whole microseconds since 1970, so that no text is parsed and
 * statistics of the file can skip what lies outside.
 *
 * @throws JobError `column_not_found`, `cursor_not_usable`.
 */
export function windowCondition(
  window: CursorWindow | null,
  table: string,
  columns: readonly Column[],
): string | null {
  if (window === null) return null;
  const column = findColumn(window.cursorColumn, columns);
  const makeTimestamp = timestampMaker(column);
  const value = columnOf(table, column.name);
  const conditions = [`${value} < ${makeTimestamp}(${epochMicros(window.to)})`];
  if (window.from !== null) {
    conditions.push(`${value} >= ${makeTimestamp}(${epochMicros(window.from)})`);
  }
  return conditions.join(' AND ');
}

/**
 * The function that makes a value as the column has it of microseconds since 1970.
 *
 * @throws JobError `cursor_not_usable` for a column that holds no times.
 */
export function timestampMaker(column: Column): string {
  switch (column.type) {
    case 'TIMESTAMP':
    case 'TIMESTAMP_S':
    case 'TIMESTAMP_MS':
    case 'TIMESTAMP_NS':
    case 'DATE':
      return 'make_timestamp';
    case 'TIMESTAMP WITH TIME ZONE':
      return 'make_timestamptz';
    default:
      throw new JobError({
        code: 'cursor_not_usable',
        details: { column: column.name, type: column.type },
      });
  }
}

/** Of an ISO 8601 time in UTC, as the contract's windows are: the engine has checked it. */
export function epochMicros(iso: string): bigint {
  const [whole = '', fraction = ''] = iso.replace(/Z$/, '').split('.');
  const milliseconds = BigInt(Date.parse(`${whole}Z`));
  return milliseconds * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}
