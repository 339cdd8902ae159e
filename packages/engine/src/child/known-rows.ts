import type { Column } from '@causeway/contract';
import { knownRowsName, type UnloadScanJob } from '../protocol.ts';
import type { Session } from './session.ts';
import { columnOf, epochMicros, findColumn, quoteLiteral, timestampMaker } from './sql.ts';

/** Where the fingerprints of known rows are; no source has a table of this name. */
const table = '__causeway_known';

/** Makes them ready to be asked for by {@link withoutKnown}. */
export async function loadKnownRows(session: Session): Promise<void> {
  const columns = `{'fingerprint': 'VARCHAR', 'value': 'VARCHAR'}`;
  // Whatever a value looks like: nothing is guessed.
  const form = `header = false, delim = ',', quote = '"', escape = '"', auto_detect = false`;
  await session.rows(
    `CREATE TEMP TABLE ${table} AS SELECT * FROM read_csv(${quoteLiteral(knownRowsName)},
      ${form}, columns = ${columns})`,
  );
}

/**
 * The fingerprint of a row: the same as long as its values are, and for another row another
 * one but for one chance in 2^64 among 2^32 rows.
 */
export function fingerprintOf(
  names: readonly string[],
  row: string,
  columns: readonly Column[],
): string {
  const members = names.map((name, index) => {
    const { name: found } = findColumn(name, columns);
    return `c${index} := ${columnOf(row, found)}`;
  });
  return `md5(CAST(to_json(struct_pack(${members.join(', ')})) AS VARCHAR))`;
}

/**
 * What stands behind FROM so that rows are left out whose fingerprints are known: for the
 * output that they would go to. `value` is the text of the column that splits, if one does.
 *
 * @throws JobError `column_not_found`, `cursor_not_usable`.
 */
export function withoutKnown(
  { known, window }: Pick<UnloadScanJob, 'known' | 'window'>,
  row: string,
  columns: readonly Column[],
  value: string | null,
): string {
  if (known === null) return '';
  if (window === null) throw new Error('Rows that are known are told by a window');
  const cursor = findColumn(window.cursorColumn, columns);
  const before = `${timestampMaker(cursor)}(${epochMicros(known.before)})`;
  // New rows have no fingerprint: NULL equals none.
  const fingerprint = `CASE WHEN ${columnOf(row, cursor.name)} < ${before}
    THEN ${fingerprintOf(known.columns, row, columns)} END`;
  const conditions = [`${table}.fingerprint = ${fingerprint}`];
  if (value !== null) conditions.push(`${table}.value = ${value}`);
  return ` ANTI JOIN ${table} ON ${conditions.join(' AND ')}`;
}
