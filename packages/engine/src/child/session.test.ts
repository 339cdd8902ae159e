import assert from 'node:assert/strict';
import { access, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sql } from '../testing/duckdb.ts';
import { openSession, type Session } from './session.ts';

describe('openSession()', () => {
  let folder: string;
  let session: Session;
  const home = process.cwd();
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'causeway-session-'));
    process.chdir(folder);
    await mkdir('out');
    await sql(`COPY (SELECT 42 AS n) TO 'source' (FORMAT parquet)`);
    await sql(`COPY (SELECT 1 AS n) TO 'other.parquet' (FORMAT parquet)`);
    await writeFile('secret.txt', 'secret');
    await symlink('../secret.txt', 'out/link');
    const limits = { memoryLimitMb: 100, threads: 1, spillLimitMb: 1000 };
    const files = [{ name: 'source', compression: 'none' }] as const;
    const input = {
      table: 'source',
      format: 'parquet',
      columns: [],
      csv: {},
      stream: false,
      files,
    } as const;
    const source = { inputs: [input], query: null };
    session = await openSession({ folder, limits, job: { type: 'describe', source } });
  });
  after(async () => {
    session.close();
    process.chdir(home);
    await rm(folder, { recursive: true, force: true });
  });

  it('reads its source and writes to its output folder', async () => {
    assert.deepEqual(await session.rows(`SELECT n FROM read_parquet('source')`), [{ n: 42 }]);
    await session.rows(`COPY (SELECT 1) TO 'out/a.parquet'`);
    await access('out/a.parquet');
  });

  it('keeps nothing of a file that it has read', async () => {
    const cached = `SELECT memory_usage_bytes AS bytes FROM duckdb_memory() WHERE tag = 'EXTERNAL_FILE_CACHE'`;

    await session.rows(`SELECT n FROM read_parquet('source')`);

    assert.deepEqual(await session.rows(cached), [{ bytes: 0n }]);
  });

  it('spills to disk what does not fit into memory', async () => {
    const [row] = await session.rows(
      `SELECT count(*) AS n FROM (SELECT DISTINCT md5(i::VARCHAR) || repeat('x', 100) FROM range(900_000) t(i))`,
    );

    assert.equal(row?.['n'], 900_000n);
  });

  it('counts time in UTC', async () => {
    const [row] = await session.rows(`SELECT TIMESTAMPTZ '2026-07-01 00:00:00+02'::VARCHAR AS t`);

    assert.equal(row?.['t'], '2026-06-30 22:00:00+00');
  });

  for (const statement of [
    `SELECT * FROM read_parquet('other.parquet')`,
    `SELECT * FROM read_text('secret.txt')`,
    `SELECT * FROM read_text('out/../secret.txt')`,
    `SELECT * FROM read_text('out/link')`,
    `SELECT * FROM read_csv('/etc/passwd')`,
    `SELECT * FROM read_text('/proc/self/environ')`,
    `SELECT * FROM glob('*')`,
    `SELECT * FROM read_parquet('http://127.0.0.1:9/a.parquet')`,
    `SELECT * FROM read_parquet('s3://bucket/a.parquet')`,
    `COPY (SELECT 1) TO 'elsewhere.parquet'`,
    `ATTACH 'elsewhere.db'`,
    `EXPORT DATABASE 'elsewhere'`,
    'INSTALL httpfs',
    'LOAD httpfs',
    'INSTALL h3 FROM community',
    `PRAGMA temp_directory = '/tmp'`,
    `CREATE PERSISTENT SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')`,
    'SET enable_external_access = true',
    `SET allowed_directories = ['/']`,
    `SET memory_limit = '10GB'`,
    `SET temp_directory = '/tmp'`,
    'RESET lock_configuration',
  ]) {
    it(`refuses ${statement}`, async () => {
      await assert.rejects(session.rows(statement), /disabled|locked|Cannot|not an allowed/i);
    });
  }
});
