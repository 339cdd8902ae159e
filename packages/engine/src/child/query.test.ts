import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sql } from '../testing/duckdb.ts';
import { JobError } from './job-error.ts';
import { openSession, type Session } from './session.ts';
import { openSourceTable } from './source-table.ts';

/** Two inputs, `orders` and `customers`, in a session of their own. */
async function openSales(
  folder: string,
): Promise<Session & { rowsOf(query: string): Promise<unknown> }> {
  const file = (name: string) => [{ name, compression: 'none' }] as const;
  const shape = { format: 'parquet', columns: [], csv: {}, stream: false } as const;
  const inputs = [
    { ...shape, table: 'orders', files: file('input_0_0') },
    { ...shape, table: 'customers', files: file('input_1_0') },
  ];
  const limits = { memoryLimitMb: 100, threads: 1, spillLimitMb: 100 };
  const job = { type: 'describe', source: { inputs, query: 'SELECT 1' } } as const;
  const session = await openSession({ folder, limits, job });
  return {
    ...session,
    async rowsOf(query) {
      const table = await openSourceTable(session, { inputs, query }, 'read');
      return session.rows(`SELECT * FROM ${table.sql}`);
    },
  };
}

describe('a query of a user', () => {
  let folder: string;
  const home = process.cwd();
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'causeway-query-'));
    process.chdir(folder);
    await mkdir('out');
    await sql(
      `COPY (SELECT i AS id, i % 2 AS customer FROM range(4) t(i)) TO 'input_0_0' (FORMAT parquet)`,
      `COPY (SELECT 1 AS id, 'Acme' AS name) TO 'input_1_0' (FORMAT parquet)`,
    );
    await writeFile('secret.txt', 'secret');
  });
  after(async () => {
    process.chdir(home);
    await rm(folder, { recursive: true, force: true });
  });

  const inSession = async <T>(
    work: (session: Awaited<ReturnType<typeof openSales>>) => Promise<T>,
  ) => {
    await rm('spill', { recursive: true, force: true });
    const session = await openSales(folder);
    try {
      return await work(session);
    } finally {
      session.close();
    }
  };

  for (const query of [
    'SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer ORDER BY 1',
    'FROM orders SELECT id WHERE customer = 1 ORDER BY id',
    'WITH part AS (SELECT * FROM ORDERS) SELECT id FROM part WHERE customer = 1 ORDER BY id',
    'SELECT id FROM orders WHERE customer IN (SELECT id FROM customers) ORDER BY id -- and no more',
    'SELECT id FROM orders WHERE customer = 1 ORDER BY id;\n',
    'WITH RECURSIVE n AS (SELECT 1 AS id UNION ALL SELECT id + 2 FROM n WHERE id < 3) SELECT id::BIGINT AS id FROM n ORDER BY id',
    'SELECT unnest([1::BIGINT, 3]) AS id',
    `SELECT range AS id FROM range(1, 4, 2)`,
  ]) {
    it(`may be ${query}`, () =>
      inSession(async (session) => {
        assert.deepEqual(await session.rowsOf(query), [{ id: 1n }, { id: 3n }]);
      }));
  }

  const refusals: [string, RegExp][] = [
    [`SELECT * FROM read_csv('/etc/passwd')`, /reads from function "read_csv"/],
    [`SELECT * FROM '/etc/passwd'`, /reads from "\/etc\/passwd"/],
    [`SELECT * FROM 'input_0_0'`, /there are only "orders", "customers"/],
    [`SELECT * FROM read_text('secret.txt')`, /function "read_text"/],
    [`SELECT * FROM read_blob('/proc/self/environ')`, /function "read_blob"/],
    [`SELECT * FROM read_parquet('../other.parquet')`, /function "read_parquet"/],
    [`SELECT * FROM glob('*')`, /function "glob"/],
    [`SELECT (SELECT count(*) FROM glob('*'))`, /function "glob"/],
    [`SELECT 1 ORDER BY (SELECT count(*) FROM duckdb_settings())`, /function "duckdb_settings"/],
    [`SELECT * FROM query('SELECT * FROM glob(''*'')')`, /function "query"/],
    [`SELECT * FROM query_table('input_0_0')`, /function "query_table"/],
    [`SELECT * FROM json_execute_serialized_sql('{}')`, /function "json_execute/],
    [`SELECT * FROM sniff_csv('secret.txt')`, /function "sniff_csv"/],
    [`SELECT * FROM information_schema.tables`, /reads from "information_schema.tables"/],
    [`SELECT * FROM duckdb_settings`, /reads from "duckdb_settings"/],
    [`SELECT * FROM pg_catalog.pg_settings`, /reads from "pg_catalog.pg_settings"/],
    [
      `WITH pg_settings AS (SELECT 1), x AS (SELECT 2) SELECT * FROM x`,
      /"pg_settings" is a name of DuckDB's own/,
    ],
    [`SELECT * FROM sqlite_master`, /reads from "sqlite_master"/],
    [`SELECT current_setting('allowed_paths')`, /calls function "current_setting"/],
    [`SELECT getenv('HOME')`, /calls function "getenv"/],
    [`SELECT getvariable('a')`, /calls function "getvariable"/],
    [`SELECT current_query()`, /calls function "current_query"/],
    [`SELECT write_log('a')`, /calls function "write_log"/],
    ['SELECT $1', /has parameters/],
    ['SELECT ?', /has parameters/],
    ['DESCRIBE orders', /describes or summarizes/],
    ['SELECT * FROM (SUMMARIZE orders)', /describes or summarizes/],
    ['SELECT 1; SELECT 2', /must be one statement/],
    ['', /must be one statement/],
    ['-- nothing', /must be one statement/],
    [`COPY orders TO 'input_0_0' (use_tmp_file false)`, /must be a SELECT/],
    [`SELECT 1; COPY orders TO 'input_0_0'`, /must be a SELECT/],
    [`INSERT INTO orders VALUES (1)`, /must be a SELECT/],
    [`CREATE TABLE a AS SELECT 1`, /must be a SELECT/],
    [`UPDATE orders SET id = 1`, /must be a SELECT/],
    [`DELETE FROM orders`, /must be a SELECT/],
    [`DROP VIEW orders`, /must be a SELECT/],
    [`ATTACH 'out/a.db'`, /must be a SELECT/],
    [`ATTACH ':memory:' AS a`, /must be a SELECT/],
    ['PRAGMA database_list', /must be a SELECT/],
    ['SET memory_limit = 1', /must be a SELECT/],
    ['RESET memory_limit', /must be a SELECT/],
    ['INSTALL httpfs', /must be a SELECT/],
    ['LOAD httpfs', /must be a SELECT/],
    [`CALL pragma_version()`, /must be a SELECT/],
    [`EXPORT DATABASE 'out'`, /must be a SELECT/],
    ['CHECKPOINT', /must be a SELECT/],
    ['EXPLAIN ANALYZE SELECT 1', /must be a SELECT/],
    [`SELECT 1) TO 'out/x'; --`, /syntax error/],
    ['SELECT 1) UNION ALL (SELECT 2', /syntax error/],
    ['SELECT nothing FROM orders', /column "nothing" not found/i],
    ['SELECT FROM WHERE', /syntax error/],
  ];
  it('is refused when it wants more', () =>
    inSession(async (session) => {
      const before = await stat('input_0_0');
      for (const [query, expected] of refusals) {
        for (const name of ['orders', 'customers']) {
          await session.rows(`DROP VIEW IF EXISTS ${name}`);
        }
        await assert.rejects(session.rowsOf(query), (error) => {
          assert.ok(error instanceof JobError, `${query}: ${String(error)}`);
          assert.ok(error.failure.code === 'query_not_usable', query);
          assert.match(error.failure.reason, expected, query);
          return true;
        });
      }
      const since = await stat('input_0_0');
      assert.deepEqual([since.size, since.mtimeMs], [before.size, before.mtimeMs]);
    }));

  it('may not be run by a session that could reach more, if one of these were missed', () =>
    inSession(async (session) => {
      for (const query of [
        `SELECT * FROM read_csv('/etc/passwd')`,
        `SELECT * FROM read_text('secret.txt')`,
        `SELECT * FROM glob('*')`,
        `COPY (SELECT 1) TO 'elsewhere'`,
      ]) {
        await assert.rejects(session.rows(query), /disabled|not an allowed/i, query);
      }
    }));
});
