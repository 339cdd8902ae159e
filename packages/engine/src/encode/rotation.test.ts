import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Compression, CsvForm, type Format } from '@causeway/contract';
import type { FileCounts, UnloadJob, UnloadResult } from '../engine.ts';
import { parquetFile } from '../engine-source.ts';
import { sql } from '../testing/duckdb.ts';
import { collect, openTestEngine, type TestEngine } from '../testing/engine.ts';

const rows = 200_000;
const mebibyte = 1024 * 1024;

/** How DuckDB by itself reads a file of a form. */
function readerOf(
  path: string,
  { format, compression }: { format: Format; compression: Compression },
): string {
  if (format === 'parquet') return `read_parquet('${path}')`;
  const packed = `compression = '${compression === 'none' ? 'uncompressed' : compression}'`;
  if (format === 'csv') return `read_csv('${path}', header = true, ${packed})`;
  return `read_json('${path}', ${packed})`;
}

describe('files of a target size', { timeout: 300_000 }, () => {
  let test: TestEngine;
  let source: string;
  before(async () => {
    test = await openTestEngine();
    source = await test.parquet(`
      SELECT range AS id, md5(range::VARCHAR) AS token, range % 3 AS third,
        'two' || chr(10) || 'lines, "' || range || '"' AS text FROM range(${rows})`);
  });
  after(() => test.close());

  const unload = async (job: Partial<UnloadJob> & { format: Format; compression: Compression }) => {
    const { consume, files } = collect();
    const split = { type: 'all' } as const;
    const result = await test.engine.unload(
      { source: parquetFile(source), split, targetFileBytes: mebibyte, ...job },
      consume,
    );
    // A stream without a byte is no file.
    return { result, files: files.map((output) => output.filter((file) => file.length > 0)) };
  };
  const expectWhole = async (
    bytes: readonly Buffer[],
    counts: readonly FileCounts[] | undefined,
    form: { format: Format; compression: Compression },
    customer: string | null = null,
  ) => {
    const paths = bytes.map((_, index) => test.file(`${index}.${form.format}`));
    for (const [index, path] of paths.entries()) await writeFile(path, bytes[index] ?? '');
    const of = { customerColumn: customer === null ? null : 'third', customerValue: customer };
    const whole = await test.engine.compareRows({
      source: parquetFile(source),
      ...of,
      files: paths,
      ...form,
    });
    assert.equal(whole.equal, true, JSON.stringify(whole));
    // Each file stands by itself, for other readers too.
    const found = await sql(
      paths
        .map((path) => `SELECT count(*) AS rows FROM ${readerOf(path, form)}`)
        .join(' UNION ALL '),
    );
    assert.deepEqual(
      found.map(({ rows }) => Number(rows)),
      counts?.map(({ rows }) => rows),
    );
  };
  const sizes = (result: UnloadResult) => result.files[0]?.map(({ bytes }) => bytes) ?? [];

  for (const form of [
    { format: 'csv', compression: 'none' },
    { format: 'csv', compression: 'gzip' },
    { format: 'jsonl', compression: 'zstd' },
    { format: 'json', compression: 'none' },
    { format: 'parquet', compression: 'zstd' },
  ] as const) {
    it(`together hold every row once, each its own, and about as much as asked for: ${form.format}, ${form.compression}`, async () => {
      const { result, files } = await unload(form);

      await expectWhole(files[0] ?? [], result.files[0], form);
      // Of Parquet no more than there are row groups: two, where one thread makes them.
      assert.ok((files[0]?.length ?? 0) > 1, `${files[0]?.length} files`);
      assert.deepEqual(
        sizes(result),
        files[0]?.map(({ length }) => length),
      );
      assert.equal(result.outputs[0]?.rows, rows);
      if (form.format !== 'csv' && form.format !== 'jsonl') return;
      const full = sizes(result).slice(0, -1);
      assert.ok(full.length > 1);
      for (const bytes of full) {
        assert.ok(bytes > 0.7 * mebibyte && bytes < 1.6 * mebibyte, `${bytes} bytes`);
      }
    });
  }

  // Without a size there is one too, which the round trips of every form prove.
  it('stay one where everything fits', async () => {
    for (const form of [
      { format: 'parquet', compression: 'zstd' },
      { format: 'jsonl', compression: 'none' },
    ] as const) {
      const large = await unload({ ...form, targetFileBytes: 1024 * mebibyte });
      assert.equal(large.result.files[0]?.length, 1);
    }
  });

  it('each begin with the header, and none is cut within quotes', async () => {
    const csv = CsvForm.parse({ delimiter: ';' });
    const { files } = await unload({ format: 'csv', compression: 'none', csv });

    for (const file of files[0] ?? []) {
      assert.match(file.toString().slice(0, 80), /^id;token;third;text\n\d+;[0-9a-f]{32};/);
      assert.match(file.toString().slice(-30), /"two\nlines, ""\d+"""\n$/);
    }
  });

  it('are made for every customer of a split', async () => {
    const split = { type: 'byColumn', column: 'third', values: ['0', '1', '7'] } as const;
    const form = { format: 'csv', compression: 'gzip' } as const;
    const { result, files } = await unload({ ...form, split, targetFileBytes: 600_000 });

    assert.ok((files[0]?.length ?? 0) > 1 && (files[1]?.length ?? 0) > 1);
    await expectWhole(files[0] ?? [], result.files[0], form, '0');
    await expectWhole(files[1] ?? [], result.files[1], form, '1');
    assert.deepEqual(result.files[2], []);
  });

  it('are made of Parquet too for customers who have much, by one scan', async () => {
    const uneven = await test.parquet(`
      SELECT range AS id, md5(range::VARCHAR) AS token,
        CASE WHEN range % 20 = 0 THEN 'small' WHEN range % 2 = 0 THEN 'nobody' ELSE 'large' END AS customer
      FROM range(${rows})`);
    const split = {
      type: 'byColumn',
      column: 'customer',
      values: ['small', 'large', 'none'],
    } as const;
    const form = { format: 'parquet', compression: 'zstd' } as const;
    for (const partitionBy of [[], ['customer']]) {
      const job = { ...form, split, partitionBy, source: parquetFile(uneven) };
      const { result, files } = await unload(job);

      assert.deepEqual(
        result.outputs.map((output) => output.rows),
        [rows / 20, rows / 2, 0],
      );
      assert.equal(files[0]?.length, 1);
      const large = result.files[1] ?? [];
      assert.ok(large.length > 2 && large.length < 10, `${large.length} files`);
      for (const file of large) {
        assert.ok(file.rows > (0.8 * rows) / 2 / large.length, `${file.rows} rows`);
        assert.ok(file.bytes < 1.4 * mebibyte, `${file.bytes} bytes`);
      }
      const paths = (files[1] ?? []).map((_, index) => test.file(`uneven-${index}.parquet`));
      for (const [index, path] of paths.entries()) {
        await writeFile(path, files[1]?.[index] ?? '');
      }
      const of = { customerColumn: 'customer', customerValue: 'large' };
      const whole = { source: parquetFile(uneven), ...of, files: paths, ...form };
      assert.equal((await test.engine.compareRows(whole)).equal, true);
    }
  });

  it('hold a row each, by its name, where that is asked for', async () => {
    const few = await test.parquet(`
      SELECT range AS id, 'two' || chr(10) || 'lines' AS text, range % 2 AS half FROM range(300)`);
    for (const [compression, unpack] of [
      ['none', (bytes: Buffer) => bytes],
      ['gzip', gunzipSync],
    ] as const) {
      const written: { output: number; name: string | undefined; text: string }[] = [];
      const result = await test.engine.unload(
        {
          source: parquetFile(few),
          ...{ format: 'jsonl', compression, columns: ['text', 'half'], rowName: 'id' },
          split: { type: 'byColumn', column: 'half', values: ['0', '1', '7'] },
          partitionBy: compression === 'none' ? [] : ['text'],
          chunks: 'reused',
        },
        async (output, stream, { rowName: name }) => {
          const text = unpack(await buffer(stream.map((chunk) => Buffer.from(chunk)))).toString();
          // A stream without a byte is no file.
          if (name !== undefined) written.push({ output, name, text });
        },
      );

      const line = (half: number) => `${JSON.stringify({ text: 'two\nlines', half })}\n`;
      assert.deepEqual(
        written.toSorted((a, b) => Number(a.name) - Number(b.name)),
        Array.from({ length: 300 }, (_, id) => ({
          ...{ output: id % 2, name: `${id}`, text: line(id % 2) },
        })),
      );
      assert.deepEqual(
        result.files.map((files) => files.map(({ rows }) => rows)),
        [Array(150).fill(1), Array(150).fill(1), []],
      );
    }
  });

  it('go on when nobody wants one of them', async () => {
    for (const format of ['parquet', 'csv'] as const) {
      const seen: number[] = [];
      const result = await test.engine.unload(
        {
          source: parquetFile(source),
          format,
          compression: format === 'csv' ? 'none' : 'zstd',
          split: { type: 'all' },
          targetFileBytes: mebibyte,
        },
        async (_index, stream, { number }) => {
          seen.push(number);
          if (number === 1) throw new Error('not this one');
          stream.resume();
          await new Promise((resolve) => stream.once('close', resolve));
        },
      );

      assert.equal(result.outputs[0]?.rows, rows);
      assert.deepEqual(
        seen,
        seen.map((_, index) => index),
      );
    }
  });

  it('fail as one when the unload is ended in the middle', async () => {
    const stop = new AbortController();
    let ended = 0;
    await assert.rejects(
      test.engine.unload(
        {
          source: parquetFile(source),
          format: 'jsonl',
          compression: 'gzip',
          split: { type: 'all' },
          targetFileBytes: mebibyte,
        },
        async (_index, stream, { number }) => {
          if (number === 2) stop.abort(new Error('enough'));
          for await (const _chunk of stream);
          ended += 1;
        },
        stop.signal,
      ),
      /enough/,
    );
    assert.ok(ended >= 2);
    assert.deepEqual(await test.leftovers(), []);
  });
});
