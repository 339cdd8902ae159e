import type { NeededRows } from '@causeway/delivery';
import type { CursorWindow } from '@causeway/engine';
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
