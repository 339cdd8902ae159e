import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { CausewayError, type Format } from '@causeway/contract';
import { maxOutputsPerScan, maxPartitions, type UnloadJob } from './engine.ts';
import { parquetFile } from './engine-source.ts';
import { sql } from './testing/duckdb.ts';
import { openTestEngine, type TestEngine } from './testing/engine.ts';

describe('unload() with partitions', { timeout: 300_000 }, () => {
  let test: TestEngine;
  before(async () => {
    test = await openTestEngine();
  });
  after(() => test.close());

  /** The files of each output, with what their rows have in common. */
  const unload = async (path: string, job: Partial<UnloadJob>) => {
    const files: { output: number; number: number; partition: string; bytes: Buffer }[] = [];
    const result = await test.engine.unload(
      {
        source: parquetFile(path),
        format: 'parquet',
        compression: 'zstd',
        split: { type: 'all' },
        ...job,
      },
      async (output, stream, { number, partition }) => {
        const bytes = await buffer(stream);
        if (bytes.length > 0) {
          files.push({ output, number, partition: JSON.stringify(partition), bytes });
        }
      },
    );
    return { result, files };
  };
  const read = async (bytes: Buffer, format: Format) => {
    const path = test.file(`part.${format}`);
    await writeFile(path, bytes);
    return sql(`SELECT * FROM '${path}' ORDER BY ALL`);
  };

  it('gives each combination of values files of its own, NULL and hostile texts too', async () => {
    const rows = `(VALUES (1, 'eu', 'free'), (2, 'eu', NULL), (3, NULL, 'free'), (4, '', 'a/b'),
      (5, 'e''u";--', '../x'), (6, 'eu', 'free'), (7, NULL, NULL)) t(n, region, plan)`;
    const source = await test.parquet(`SELECT * FROM ${rows}`);
    for (const format of ['parquet', 'jsonl'] as const) {
      const compression = format === 'parquet' ? 'zstd' : 'none';
      const partitionBy = ['region', 'plan'];
      const { result, files } = await unload(source, { format, compression, partitionBy });

      const found: Record<string, unknown> = {};
      for (const { partition, bytes } of files) {
        found[partition] = (await read(bytes, format)).map((row) => Number(row['n']));
      }
      assert.deepEqual(found, {
        '["eu","free"]': [1, 6],
        '["eu",null]': [2],
        '[null,"free"]': [3],
        '["","a/b"]': [4],
        [JSON.stringify([`e'u";--`, '../x'])]: [5],
        '[null,null]': [7],
      });
      assert.deepEqual(files.map(({ number }) => number).toSorted(), [0, 1, 2, 3, 4, 5]);
      assert.equal(result.outputs[0]?.rows, 7);
      assert.equal(result.files[0]?.length, 6);
      for (const { number, bytes } of files) {
        assert.equal(result.files[0]?.[number]?.bytes, bytes.length);
      }
    }
  });

  it('parts what every customer has, and nothing of others', async () => {
    const source = await test.parquet(
      `SELECT range AS n, 'c' || range % 3 AS customer, DATE '2026-01-01' + (range % 2)::INTEGER AS day FROM range(600)`,
    );
    const split = { type: 'byColumn', column: 'customer', values: ['c0', 'none', 'c2'] } as const;
    const job = { split, partitionBy: ['day'], format: 'csv', compression: 'gzip' } as const;
    const { result, files } = await unload(source, job);

    assert.deepEqual(
      files.map(({ output, number, partition }) => `${output}/${number} ${partition}`).toSorted(),
      ['0/0 ["2026-01-01"]', '0/1 ["2026-01-02"]', '2/0 ["2026-01-01"]', '2/1 ["2026-01-02"]'],
    );
    assert.deepEqual(
      result.files.map((output) => output.map(({ rows }) => rows)),
      [[100, 100], [], [100, 100]],
    );
  });

  it('goes on with further scans beyond what one can hold, in one numbering', async () => {
    const many = maxOutputsPerScan + 20;
    const source = await test.parquet(`SELECT range % ${many} AS part FROM range(${many * 3})`);
    const { result, files } = await unload(source, { partitionBy: ['part'] });

    assert.equal(new Set(files.map(({ partition }) => partition)).size, many);
    assert.deepEqual(
      files.map(({ number }) => number).toSorted((a, b) => a - b),
      Array.from({ length: many }, (_, index) => index),
    );
    assert.ok(result.files[0]?.every(({ rows }) => rows === 3));
  });

  it('has no files without rows, also where they would be rotated', async () => {
    const source = await test.parquet('SELECT 1 AS part WHERE false');
    for (const size of [{}, { targetFileBytes: 1024 ** 3 }]) {
      const { result, files } = await unload(source, { partitionBy: ['part'], ...size });

      assert.deepEqual(files, []);
      assert.deepEqual(result.files, [[]]);
      assert.deepEqual(result.schema, [{ name: 'part', type: 'INTEGER', nullable: true }]);
    }
  });

  it('refuses more partitions than anybody could want, before anything is written', async () => {
    const source = await test.parquet(`SELECT range AS part FROM range(${maxPartitions + 1})`);

    await assert.rejects(unload(source, { partitionBy: ['part'] }), (error) =>
      CausewayError.is(error, 'too_many_partitions'),
    );
    await assert.rejects(unload(source, { partitionBy: ['gone'] }), (error) =>
      CausewayError.is(error, 'column_not_found'),
    );
    assert.deepEqual(await test.leftovers(), []);
  });
});
