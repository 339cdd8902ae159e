import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import { parquetFile } from '../engine-source.ts';
import { sql } from '../testing/duckdb.ts';
import { collect, flights, openTestEngine, type TestEngine } from '../testing/engine.ts';

describe('compareRows()', () => {
  let test: TestEngine;
  before(async () => {
    test = await openTestEngine();
  });
  after(() => test.close());

  const all = { customerColumn: null, customerValue: null } as const;
  const jsonLines = async (query: string) => {
    const path = test.file(`${Math.random()}.jsonl`);
    await sql(`COPY (${query}) TO '${path}' (FORMAT json)`);
    return path;
  };

  for (const [format, compression] of [
    ['parquet', 'zstd'],
    ['jsonl', 'none'],
  ] as const) {
    it(`proves a delivery of real flights as ${format}, and finds one row more`, async () => {
      const { consume, outputs } = collect();
      const window = { cursorColumn: 'date', from: null, to: '2001-02-01T00:00:00Z' };
      const values = ['SFO', 'BOS'];
      await test.engine.unload(
        {
          source: parquetFile(flights),
          format,
          compression,
          window,
          split: { type: 'byColumn', column: 'origin', values },
        },
        consume,
      );
      const file = test.file(`delivered.${format}`);
      await writeFile(file, outputs[0] ?? '');
      const comparison = {
        source: parquetFile(flights),
        customerColumn: 'origin',
        files: [file],
        format,
        window,
      };

      const own = await test.engine.compareRows({ ...comparison, customerValue: 'SFO' });
      const twice = await test.engine.compareRows({
        ...comparison,
        customerValue: 'SFO',
        files: [file, file],
      });
      const others = await test.engine.compareRows({ ...comparison, customerValue: 'BOS' });

      const [expected] = await sql(
        `SELECT count(*) FILTER (origin = 'SFO')::INTEGER AS sfo, count(*) FILTER (origin = 'BOS')::INTEGER AS bos FROM '${flights}' WHERE date < '2001-02-01'`,
      );
      const { sfo, bos } = expected as { sfo: number; bos: number };
      assert.deepEqual(own, { equal: true, onlyInSource: 0, onlyInDelivery: 0, rows: sfo });
      assert.deepEqual(twice, {
        equal: false,
        onlyInSource: 0,
        onlyInDelivery: sfo,
        rows: 2 * sfo,
      });
      assert.deepEqual(others, { equal: false, onlyInSource: bos, onlyInDelivery: sfo, rows: sfo });
    });
  }

  it('counts copies, takes NULL for equal to NULL, and tells it from other values', async () => {
    const sourcePath = await test.parquet(
      `SELECT * FROM (VALUES (1, 'a'), (1, 'a'), (2, NULL), (3, ''), (4, 'x')) t(i, side)`,
    );
    const delivered = await test.parquet(
      `SELECT * FROM (VALUES (4, 'x'), (1, 'a'), (2, NULL), (3, NULL), (1, 'a'), (1, 'a')) t(i, side)`,
    );

    const found = await test.engine.compareRows({
      ...all,
      source: parquetFile(sourcePath),
      files: [delivered],
      format: 'parquet',
    });

    assert.deepEqual(found, { equal: false, onlyInSource: 1, onlyInDelivery: 2, rows: 6 });
  });

  it('reads several files, and columns in another order', async () => {
    const sourcePath = await test.parquet(`SELECT i, 'r' || i AS text FROM range(1000) t(i)`);
    const files = [
      await test.parquet(`SELECT i, 'r' || i AS text FROM range(400) t(i)`),
      await test.parquet(`SELECT 'r' || i AS text, i FROM range(400, 1000) t(i)`),
    ];

    const found = await test.engine.compareRows({
      ...all,
      source: parquetFile(sourcePath),
      files,
      format: 'parquet',
    });

    assert.deepEqual(found, { equal: true, onlyInSource: 0, onlyInDelivery: 0, rows: 1000 });
  });

  it('takes rows with other columns or types for other rows', async () => {
    const sourcePath = await test.parquet('SELECT i, i AS j FROM range(5) t(i)');
    for (const query of ['SELECT i, i::VARCHAR AS j', 'SELECT i', 'SELECT i, i AS j, i AS k']) {
      const files = [await test.parquet(`${query} FROM range(4) t(i)`)];

      const found = await test.engine.compareRows({
        ...all,
        source: parquetFile(sourcePath),
        files,
        format: 'parquet',
      });

      assert.deepEqual(found, { equal: false, onlyInSource: 5, onlyInDelivery: 4, rows: 4 });
    }
  });

  it('takes no files for no rows', async () => {
    const sourcePath = await test.parquet(`SELECT 'a' AS customer FROM range(3)`);
    const comparison = {
      source: parquetFile(sourcePath),
      customerColumn: 'customer',
      files: [],
      format: 'parquet',
    } as const;

    assert.deepEqual(await test.engine.compareRows({ ...comparison, customerValue: 'b' }), {
      equal: true,
      onlyInSource: 0,
      onlyInDelivery: 0,
      rows: 0,
    });
    assert.equal(
      (await test.engine.compareRows({ ...comparison, customerValue: 'a' })).onlyInSource,
      3,
    );
  });

  it('compares JSON lines of every value as text', async () => {
    const query = `SELECT 1.10::DECIMAL(5, 2) AS cents, 12345678901234567890.12::DECIMAL(38, 2) AS big, 0.1::FLOAT AS f,
      e'a\\n"b"' AS text, TIMESTAMPTZ '2026-01-01 00:00:00+02' AS t, {'a': [1, NULL]} AS nested, NULL AS nothing`;
    const sourcePath = await test.parquet(query);
    const files = [await jsonLines(`SELECT * REPLACE (t::TIMESTAMP AS t) FROM (${query})`)];
    const { consume, outputs } = collect();
    await test.engine.unload(
      {
        source: parquetFile(sourcePath),
        format: 'jsonl',
        compression: 'none',
        split: { type: 'all' },
      },
      consume,
    );
    const own = test.file('own.jsonl');
    await writeFile(own, outputs[0] ?? '');

    const comparison = { ...all, source: parquetFile(sourcePath), format: 'jsonl' } as const;
    assert.equal((await test.engine.compareRows({ ...comparison, files: [own] })).equal, true);
    assert.equal((await test.engine.compareRows({ ...comparison, files })).equal, false);
  });

  it('refuses a customer column without a value', async () => {
    await assert.rejects(
      test.engine.compareRows({
        ...all,
        source: parquetFile(flights),
        customerColumn: 'origin',
        files: [],
        format: 'parquet',
      }),
      (error) => CausewayError.is(error, 'invalid_request'),
    );
  });

  it('says which delivered file is not readable', async () => {
    const sourcePath = await test.parquet('SELECT 1 AS a');
    const good = await test.parquet('SELECT 1 AS a');
    const cut = test.file('cut.parquet');
    await writeFile(cut, (await readFile(good)).subarray(0, -10));

    await assert.rejects(
      test.engine.compareRows({
        ...all,
        source: parquetFile(sourcePath),
        files: [good, cut],
        format: 'parquet',
      }),
      (error) => CausewayError.is(error, 'source_not_readable') && error.details.path === cut,
    );
  });

  it('needs the customer column to exist', async () => {
    await assert.rejects(
      test.engine.compareRows({
        source: parquetFile(flights),
        customerColumn: 'tenant',
        customerValue: 'a',
        files: [],
        format: 'parquet',
      }),
      (error) => CausewayError.is(error, 'column_not_found'),
    );
  });
});

describe('inspectFile()', () => {
  let test: TestEngine;
  before(async () => {
    test = await openTestEngine();
  });
  after(() => test.close());

  it('counts rows and names columns of Parquet', async () => {
    const content = await test.engine.inspectFile({ path: flights, format: 'parquet' });

    assert.equal(content.rows, 3_000_000);
    assert.deepEqual(content.schema[0], { name: 'date', type: 'TIMESTAMP', nullable: true });
  });

  it('counts rows and names columns of JSON lines', async () => {
    const path = test.file('rows.jsonl');
    await sql(
      `COPY (SELECT i AS id, e'a\\nb' AS text FROM range(5000) t(i)) TO '${path}' (FORMAT json)`,
    );

    assert.deepEqual(await test.engine.inspectFile({ path, format: 'jsonl' }), {
      rows: 5000,
      schema: [
        { name: 'id', type: 'BIGINT', nullable: true },
        { name: 'text', type: 'VARCHAR', nullable: true },
      ],
    });
  });

  it('takes an empty file for no rows', async () => {
    const path = test.file('none.jsonl');
    await writeFile(path, '');

    assert.deepEqual(await test.engine.inspectFile({ path, format: 'jsonl' }), {
      rows: 0,
      schema: [],
    });
  });

  it('refuses lines that are no JSON', async () => {
    const path = test.file('cut.jsonl');
    await writeFile(path, '{"a":1}\n{"a":');

    await assert.rejects(test.engine.inspectFile({ path, format: 'jsonl' }), (error) => {
      assert.ok(CausewayError.is(error, 'source_not_readable'));
      assert.equal(error.details.path, path);
      return true;
    });
  });
});
