import { mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** As the `lineitem` table of TPC-H has them: keys, amounts, flags, dates and texts. */
const columns = `
  i // 4 AS l_orderkey,
  (hash(i) % 200000)::BIGINT AS l_partkey,
  (hash(i + 1) % 10000)::BIGINT AS l_suppkey,
  (i % 4 + 1)::INTEGER AS l_linenumber,
  (hash(i + 2) % 50 + 1)::DECIMAL(15,2) AS l_quantity,
  ((hash(i + 3) % 10000000) / 100)::DECIMAL(15,2) AS l_extendedprice,
  ((hash(i + 4) % 11) / 100)::DECIMAL(15,2) AS l_discount,
  ((hash(i + 5) % 9) / 100)::DECIMAL(15,2) AS l_tax,
  ['A', 'N', 'R'][(hash(i + 6) % 3 + 1)::INTEGER] AS l_returnflag,
  ['F', 'O'][(hash(i + 7) % 2 + 1)::INTEGER] AS l_linestatus,
  DATE '1992-01-01' + (hash(i + 8) % 2526)::INTEGER AS l_shipdate,
  DATE '1992-01-01' + (hash(i + 9) % 2526)::INTEGER AS l_commitdate,
  DATE '1992-01-01' + (hash(i + 10) % 2526)::INTEGER AS l_receiptdate,
  ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'][(hash(i + 11) % 4 + 1)::INTEGER] AS l_shipinstruct,
  ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'][(hash(i + 12) % 7 + 1)::INTEGER] AS l_shipmode,
  substr(md5((hash(i + 13) % 400000)::VARCHAR), 1, (10 + hash(i + 14) % 17)::INTEGER) AS l_comment`;

/** Evenly spread over so many customers, and in no order. */
export const customerColumn = (customers: number) =>
  `, 'c' || (hash(i + 15) % ${customers})::VARCHAR AS customer`;

/** Writes a table of so many rows as Parquet, unless the file is there; `more` adds columns to it. */
export async function makeLineitem(path: string, rows: number, more = ''): Promise<void> {
  if (statSync(path, { throwIfNoEntry: false })) return;
  mkdirSync(dirname(path), { recursive: true });
  const database = await DuckDBInstance.create(':memory:', { memory_limit: '2GB' });
  const connection = await database.connect();
  const draft = `${path}.draft`;
  await connection.run(
    `COPY (SELECT ${columns}${more} FROM range(${rows}) t(i)) TO '${draft.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  connection.closeSync();
  renameSync(draft, path);
}
