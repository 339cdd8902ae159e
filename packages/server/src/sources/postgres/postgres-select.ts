import type { NeededRows } from '@causeway/delivery';
import type { CursorWindow, WantedCsv } from '@causeway/engine';
import { type FinishRows, finishRows } from './finish-rows.ts';
import type { PostgresColumn } from './postgres-columns.ts';
import { quoteName, quoteText } from './quote.ts';
import type { PostgresRelation } from './read-catalogue.ts';

/** Those of its columns that are read, in the relation's order. */
export function columnsOf(
  { columns }: PostgresRelation,
  { columns: wanted }: NeededRows,
): readonly PostgresColumn[] {
  if (wanted === null) return columns;
  const chosen = columns.filter(({ name }) => wanted.includes(name));
  // Rows are counted, whatever is in them.
  return chosen.length > 0 ? chosen : columns.slice(0, 1);
}

/**
 * The statement that gives the rows as CSV, in which NULL is told from every text: the
 * engine takes \N without quotes, and nothing else, for it.
 */
export function copyStatement(relation: PostgresRelation, needed: NeededRows): string {
  const columns = columnsOf(relation, needed).map(({ expression }) => expression);
  const where = needed.window === null ? '' : windowCondition(relation, needed.window);
  const select = `SELECT ${columns.join(', ')} FROM ${relation.from}${where}`;
  return `COPY (${select}) TO STDOUT (FORMAT csv, NULL '\\N', ENCODING 'UTF8')`;
}

/** Rows as files have them: what the server writes, and what is left to do. */
export interface CsvCopy {
  readonly statement: string;
  readonly finish: FinishRows;
}

/**
 * Has the server write the rows as files have them, to the byte as the engine would after it
 * has read them; null where it would not.
 */
export function csvCopy(
  relation: PostgresRelation,
  { columns: names, window, csv }: WantedCsv,
  refuse: (reason: string) => never,
): CsvCopy | null {
  const columns = names.flatMap(
    (name) => relation.columns.find((each) => each.name === name) ?? [],
  );
  const where = window === null ? '' : windowCondition(relation, window);
  // A lone "\." is quoted, since it ends such a file for PostgreSQL.
  const isLone = columns.length === 1;
  // What stands for NULL could not be told from a field that is looked for.
  const isAmbiguous = /#|^NaN$/.test(csv.nullText);
  const isSame = columns.every((column) => column.isSameInCsv);
  if (csv.lineEnd === 'crlf' || isLone || isAmbiguous || !isSame) return null;
  if (columns.length < names.length || (window !== null && where === '')) return null;
  const selected = columns.map(
    csv.formulaGuard === 'escape' ? guarded : ({ expression }) => expression,
  );
  const options = [
    'FORMAT csv',
    `DELIMITER ${quoteText(csv.delimiter)}`,
    `NULL ${quoteText(csv.nullText)}`,
    "ENCODING 'UTF8'",
  ];
  return {
    statement: `COPY (SELECT ${selected.join(', ')} FROM ${relation.from}${where}) TO STDOUT (${options.join(', ')})`,
    finish: finishRows({ columns, delimiter: csv.delimiter, refuse }),
  };
}

/**
 * As the engine has it: an apostrophe before a text that a spreadsheet would take for a formula,
 * since it begins with one of = + - @, a tab or a carriage return. `concat` takes a value as
 * `COPY` writes it, where a cast would strip blanks, or add to an address its mask.
 */
function guarded({ expression, type }: PostgresColumn): string {
  if (type !== 'VARCHAR' && type !== 'JSON') return expression;
  const text = `pg_catalog.concat(${expression})`;
  return `CASE WHEN pg_catalog.ascii(${text}) IN (61, 43, 45, 64, 9, 13) THEN pg_catalog.concat('''', ${expression}) WHEN ${expression} IS NOT NULL THEN ${text} END`;
}

/** How that CSV is written, for the engine. */
export const copiedCsv = {
  delimiter: ',',
  quote: '"',
  escape: '"',
  header: false,
  nullText: String.raw`\N`,
  quotedNull: false,
} as const;

/**
 * As the engine has it: `[from, to)`, to the microsecond, a column without time zone taken
 * as UTC and a date as its midnight. Of a column that holds no times nothing is left out
 * here: the engine says what is wrong with it.
 */
function windowCondition(
  { columns }: PostgresRelation,
  { cursorColumn, from, to }: CursorWindow,
): string {
  const column = columns.find(({ name }) => name === cursorColumn);
  const type = column && timeType(column);
  if (!column || !type) return '';
  // Without its zone letter the text is taken in the session's zone, which is UTC.
  const time = (iso: string) => `${quoteText(iso.replace('T', ' ').replace(/Z$/, ''))}::${type}`;
  const name = quoteName(column.name);
  const bounds = [`${name} < ${time(to)}`, ...(from === null ? [] : [`${name} >= ${time(from)}`])];
  return ` WHERE ${bounds.join(' AND ')}`;
}

function timeType({ type }: PostgresColumn): string | null {
  if (type === 'TIMESTAMP WITH TIME ZONE') return 'pg_catalog.timestamptz';
  return type === 'TIMESTAMP' || type === 'DATE' ? 'pg_catalog.timestamp' : null;
}
