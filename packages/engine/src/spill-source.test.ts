import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { CausewayError, CsvForm } from '@causeway/contract';
import { createDuckDbEngine } from './create-duckdb-engine.ts';
import { maxOutputsPerScan, type UnloadJob } from './engine.ts';
import { type EngineSource, parquetFile } from './engine-source.ts';
import { sql } from './testing/duckdb.ts';
import { collect, jobFolders, openTestEngine, type TestEngine } from './testing/engine.ts';

describe('unload() to more outputs than one scan may have', () => {
  let test: TestEngine;
  before(async () => {
    test = await openTestEngine();
  });
  after(() => test.close());

  const customers = maxOutputsPerScan + 44;
  const rowsEach = 20;
  const values = [...Array.from({ length: customers }, (_, i) => `c${i}`), 'nobody'];
  const split = { type: 'byColumn', column: 'customer', values } as const;
  const rows = (more = '') =>
    test.parquet(
      `SELECT range AS n, 'c' || range % ${customers} AS customer, TIMESTAMP '2026-01-01' + INTERVAL 1 MINUTE * range AS at, [range, NULL] AS list ${more} FROM range(${customers * rowsEach})`,
    );
  const unload = async (source: EngineSource, job: Partial<UnloadJob> = {}) => {
    const { consume, outputs } = collect();
    const form = { format: 'jsonl', compression: 'none', split } as const;
    const result = await test.engine.unload({ source, ...form, ...job }, consume);
    assert.deepEqual(await test.leftovers(), []);
    return { result, outputs };
  };
  const lines = (bytes: Buffer | undefined) =>
    (bytes?.toString() ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Record<string, unknown> => JSON.parse(line));

  it("gives each customer's rows to that customer alone, and nothing to one without rows", async () => {
    const { result, outputs } = await unload(parquetFile(await rows()));

    for (const [index, value] of values.entries()) {
      const expected = value === 'nobody' ? [] : Array.from({ length: rowsEach }, (_, i) => i);
      const given = lines(outputs[index]).toSorted((a, b) => Number(a['n']) - Number(b['n']));
      assert.deepEqual(
        given.map(({ n }) => n),
        expected.map((i) => i * customers + index),
      );
      assert.ok(given.every(({ customer }) => customer === value));
      assert.equal(result.outputs[index]?.rows, expected.length);
    }
    assert.deepEqual(
      result.schema.map(({ type }) => type),
      ['BIGINT', 'VARCHAR', 'TIMESTAMP', 'BIGINT[]'],
    );
  });

  it('writes them as Parquet with the same types, filtered and cut to the columns that are sent', async () => {
    const source = parquetFile(await rows(', true AS removed'));
    const window = { cursorColumn: 'at', from: null, to: '2026-01-01T05:00:00Z' };
    const conditions = [{ column: 'n', operator: 'greater_or_equal', value: 5 }] as const;
    const { result, outputs } = await unload(source, {
      format: 'parquet',
      compression: 'zstd',
      window,
      filter: { match: 'all', conditions: [...conditions] },
      columns: ['list', 'n'],
    });

    assert.equal(
      result.outputs.reduce((sum, output) => sum + output.rows, 0),
      300 - 5,
    );
    const path = test.file();
    await writeFile(path, outputs[7] ?? '');
    assert.deepEqual(await sql(`SELECT *, typeof(list) AS type FROM '${path}'`), [
      { list: ['7', null], n: '7', type: 'BIGINT[]' },
    ]);
    assert.deepEqual(outputs[3]?.length ?? 0, 0);
  });

  it('reads a stream once', async () => {
    let opened = 0;
    const open = () => {
      opened++;
      return Readable.from(
        (function* () {
          for (let n = 0; n < customers * 3; n++) yield `${n},c${n % customers}\n`;
        })(),
      );
    };
    const columns = [
      { name: 'n', type: 'INTEGER' },
      { name: 'customer', type: 'VARCHAR' },
    ];
    const data = { type: 'stream', label: 'records', open } as const;
    const csv = { header: false, delimiter: ',', quote: '"', escape: '"' } as const;
    const { result } = await unload({
      inputs: [{ name: 'source', data, format: 'csv', columns, csv }],
    });

    assert.equal(opened, 1);
    assert.ok(result.outputs.slice(0, customers).every((output) => output.rows === 3));
  });

  it('keeps values of types that Parquet has not, by reading the source again', async () => {
    const source = parquetFile(await rows());
    const query = `SELECT customer, sum(n)::HUGEINT * 100_000_000_000_000_000_000 AS total FROM source GROUP BY customer`;
    const { result, outputs } = await unload(
      { ...source, query },
      { format: 'csv', csv: CsvForm.parse({ header: false }) },
    );

    const total = Array.from({ length: rowsEach }, (_, i) => i * customers + 7);
    const sum = BigInt(total.reduce((a, b) => a + b)) * 100_000_000_000_000_000_000n;
    assert.equal(outputs[7]?.toString(), `c7,${sum}\n`);
    assert.equal(result.schema[1]?.type, 'HUGEINT');
  });

  it('says what changed in the source, and what cannot be read', async () => {
    const source = parquetFile(await rows());
    const schema = [{ name: 'n', type: 'VARCHAR' }];

    await assert.rejects(unload(source, { schema }), (error) =>
      CausewayError.is(error, 'schema_changed'),
    );
    await assert.rejects(unload(source, { columns: ['gone'] }), (error) =>
      CausewayError.is(error, 'column_not_found'),
    );
    assert.deepEqual(await test.leftovers(), []);
  });

  it('ends when the rows take more disk than a job may have', async () => {
    const source = await test.parquet(
      `SELECT 'c' || range % ${customers} AS customer, md5(range::VARCHAR) AS text, md5((-range)::VARCHAR) AS more FROM range(600_000)`,
    );
    const tempDir = test.file('small');
    const limits = { memoryLimitMb: 500, threads: 2, spillLimitMb: 1 };
    const engine = createDuckDbEngine({ tempDir, ...limits });
    const form = { format: 'jsonl', compression: 'none', split } as const;
    try {
      await assert.rejects(
        engine.unload({ source: parquetFile(source), ...form }, collect().consume),
        { code: 'disk_full', message: /more than the 1 MiB of disk/ },
      );
      assert.deepEqual(await jobFolders(tempDir), []);
    } finally {
      await engine.close();
    }
  });

  it('says that the disk is full, wherever a job meets that', async (context) => {
    const disk = test.file('disk');
    await mkdir(disk);
    const mount = (options: string) =>
      spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]).status === 0;
    if (!mount('size=4m')) return context.skip('a disk of its own needs root');
    const few = await rows();
    const many = await test.parquet(
      `SELECT 'c' || range % ${customers} AS customer, md5(range::VARCHAR) AS text, md5((-range)::VARCHAR) AS more FROM range(150_000)`,
    );
    const engine = createDuckDbEngine({ tempDir: disk, memoryLimitMb: 500, threads: 2 });
    const form = { format: 'jsonl', compression: 'none', split } as const;
    const expectFull = async (source: string) => {
      await assert.rejects(
        engine.unload({ source: parquetFile(source), ...form }, collect().consume),
        { code: 'disk_full', hint: /^Free space on the disk/ },
      );
      assert.deepEqual(await jobFolders(disk), []);
    };
    try {
      await expectFull(many);
      // Room for so many names: none for a folder, not for the move of what was sorted, not for the FIFOs of a scan.
      for (const names of [2, 14, 142]) {
        assert.ok(mount(`remount,nr_inodes=${names}`));
        await expectFull(few);
      }
    } finally {
      await engine.close();
      spawnSync('umount', [disk]);
    }
  });
});
