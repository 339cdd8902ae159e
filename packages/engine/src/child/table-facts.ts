import type { Column } from '@causeway/contract';
import type { DuckDBValue } from '@duckdb/node-api';
import type { Session } from './session.ts';

/** The columns of what may stand after FROM, as far as DuckDB tells: any may hold NULL. */
export async function describeTable(session: Session, table: string): Promise<Column[]> {
  const rows = await session.rows(`DESCRIBE SELECT * FROM ${table}`);
  return rows.map((row) => ({
    name: String(row['column_name']),
    type: String(row['column_type']),
    nullable: true,
  }));
}

export async function countRows(
  session: Session,
  table: string,
  values?: DuckDBValue[],
): Promise<number> {
  const [answer] = await session.rows(`SELECT count(*) AS n FROM ${table}`, values);
  return Number(answer?.['n']);
}
