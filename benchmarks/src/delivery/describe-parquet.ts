import type { Column } from '@causeway/contract';
import { DuckDBInstance } from '@duckdb/node-api';

/** The columns of a Parquet file, as a dataset has them. */
export async function describeParquet(path: string): Promise<Column[]> {
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  const quoted = `'${path.replaceAll("'", "''")}'`;
  const answer = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${quoted})`);
  const columns = answer.getRowObjects().map((row) => ({
    name: String(row['column_name']),
    type: String(row['column_type']),
    nullable: true,
  }));
  connection.closeSync();
  database.closeSync();
  return columns;
}
