import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CausewayError } from '@causeway/contract';
import type { ConsumeOutput, UnloadJob } from './engine.ts';
import { parquetFile } from './engine-source.ts';
import { sql } from './testing/duckdb.ts';
import { collect, flights, openTestEngine, type TestEngine } from './testing/engine.ts';
import { childrenOf } from './testing/processes.ts';

describe('unload()', () => {
  let test: TestEngine;
  before(async () => {
    test = await openTestEngine();
  });
  after(() => test.close());

  const job = (path: string, rest: Partial<UnloadJob> = {}): UnloadJob => ({
    source: parquetFile(path),
    format: 'parquet',
    compression: 'zstd',
    split: { type: 'all' },
    ...rest,
  });
  const byColumn = (column: string, values: readonly string[]): Pick<UnloadJob, 'split'> => ({
    split: { type: 'byColumn', column, values },
  });
  const jsonl = { format: 'jsonl', compression: 'none' } as const;

  /** The rows of an output, read back by a DuckDB that is not the engine's. */
  const readBack = async (
    bytes: Buffer | undefined,
    query = 'SELECT * FROM $file ORDER BY ALL',
  ) => {
    assert.ok(bytes);
    const path = test.file();
    await writeFile(path, bytes);
    return sql(query.replace('$file', `'${path}'`));
  };
  const readLines = (bytes: Buffer | undefined) =>
    (bytes?.toString() ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));

  describe('into one output', () => {
    for (const compression of ['zstd', 'snappy', 'none'] as const) {
      it(`gives the very bytes of DuckDB's own COPY as Parquet with ${compression}`, async () => {
        const source = await test.parquet(
          `SELECT i AS id, 'row ' || i AS label, i / 7 AS part FROM range(50_000) t(i)`,
        );
        const expected = test.file();
        const codec = compression === 'none' ? 'uncompressed' : compression;
        await sql(
          `COPY (SELECT * FROM '${source}') TO '${expected}' (FORMAT parquet, COMPRESSION ${codec})`,
        );
        const { consume, outputs } = collect();

        const result = await test.engine.unload(job(source, { compression }), consume);

        const bytes = await readFile(expected);
        assert.deepEqual(sha256(outputs[0]), sha256(bytes));
        assert.deepEqual(result.outputs, [{ rows: 50_000, bytes: bytes.length }]);
        assert.deepEqual(
          result.schema.map((column) => column.name),
          ['id', 'label', 'part'],
        );
      });
    }

    it("gives the very bytes of DuckDB's own COPY as JSON lines, whatever the types", async () => {
      const source = await test.parquet(manyTypes);
      const expected = test.file();
      await sql(
        `SET TimeZone = 'UTC'`,
        `COPY (SELECT * FROM '${source}') TO '${expected}' (FORMAT json)`,
      );
      const { consume, outputs } = collect();

      const result = await test.engine.unload(job(source, jsonl), consume);

      assert.equal(outputs[0]?.toString(), await readFile(expected, 'utf8'));
      assert.deepEqual(result.outputs, [{ rows: 3, bytes: outputs[0]?.length }]);
    });

    it('keeps all of three million real flights', async () => {
      const { consume, outputs } = collect();

      const result = await test.engine.unload(job(flights), consume);

      const [found] = await readBack(
        outputs[0],
        'SELECT count(*) AS n, sum(delay) AS delay FROM $file',
      );
      const [expected] = await sql(`SELECT count(*) AS n, sum(delay) AS delay FROM '${flights}'`);
      assert.deepEqual(found, expected);
      assert.equal(result.outputs[0]?.rows, 3_000_000);
      assert.equal(result.outputs[0]?.bytes, outputs[0]?.length);
    });

    it('waits for a slow reader and loses nothing', async () => {
      const source = await test.parquet('SELECT i, md5(i::VARCHAR) AS h FROM range(200_000) t(i)');
      let received = 0;

      const result = await test.engine.unload(job(source, jsonl), async (_index, stream) => {
        for await (const chunk of stream) {
          received += (chunk as Buffer).length;
          if (received % 5 === 0) await delay(1);
        }
      });

      assert.deepEqual(result.outputs, [{ rows: 200_000, bytes: received }]);
    });

    it('has no bytes without rows, not even a header', async () => {
      const source = await test.parquet('SELECT 1 AS a WHERE false');
      for (const format of [{}, jsonl]) {
        const { consume, outputs } = collect();

        const result = await test.engine.unload(job(source, format), consume);

        assert.deepEqual(result.outputs, [{ rows: 0, bytes: 0 }]);
        assert.equal(outputs[0]?.length, 0);
      }
    });
  });

  describe('split by a column', () => {
    for (const count of [1, 2, 229]) {
      it(`gives each of ${count} airports its own flights, from one scan`, async () => {
        const expected = await sql(
          `SELECT origin, count(*)::INTEGER AS n, sum(distance)::VARCHAR AS distance FROM '${flights}' GROUP BY ALL ORDER BY n DESC, origin LIMIT ${count}`,
        );
        const { consume, outputs } = collect();
        const values = expected.map((row) => String(row['origin']));

        const result = await test.engine.unload(job(flights, byColumn('origin', values)), consume);

        assert.deepEqual(
          result.outputs,
          expected.map((row, index) => ({ rows: row['n'], bytes: outputs[index]?.length })),
        );
        for (const index of [0, count - 1]) {
          const found = await readBack(
            outputs[index],
            'SELECT origin, count(*)::INTEGER AS n, sum(distance)::VARCHAR AS distance FROM $file GROUP BY ALL',
          );
          assert.deepEqual(found, [expected[index]]);
        }
      });
    }

    it('counts JSON lines exactly, with newlines inside values', async () => {
      const source = await test.parquet(
        `SELECT 'c' || (i % 3) AS customer, e'two\\nlines "and" \\\\' || i AS text FROM range(30_001) t(i)`,
      );
      const { consume, outputs } = collect();

      const result = await test.engine.unload(
        job(source, { ...jsonl, ...byColumn('customer', ['c0', 'c1', 'nobody', 'c2']) }),
        consume,
      );

      assert.deepEqual(
        result.outputs.map((output) => output.rows),
        [10_001, 10_000, 0, 10_000],
      );
      assert.equal(readLines(outputs[0]).length, 10_001);
      assert.ok(readLines(outputs[1]).every((row) => row.customer === 'c1'));
      assert.ok(readLines(outputs[3]).some((row) => row.text === 'two\nlines "and" \\2'));
      assert.equal(outputs[2]?.length, 0);
    });

    it('sends NULL and other values nowhere, and ends outputs without rows', async () => {
      const source = await test.parquet(
        `SELECT * FROM (VALUES ('a', 1), (NULL, 2), ('b', 3), ('NULL', 4), ('', 5)) t(customer, n)`,
      );
      const { consume, outputs } = collect();

      const result = await test.engine.unload(
        job(source, byColumn('customer', ['a', 'gone', 'NULL', ''])),
        consume,
      );

      assert.deepEqual(
        result.outputs.map((output) => output.rows),
        [1, 0, 1, 1],
      );
      assert.deepEqual(await readBack(outputs[2]), [{ customer: 'NULL', n: 4 }]);
      assert.deepEqual(await readBack(outputs[3]), [{ customer: '', n: 5 }]);
      assert.equal(outputs[1]?.length, 0);
    });

    it('takes values that look like SQL or paths for what they are', async () => {
      const hostile = [
        `'; DROP TABLE wanted; --`,
        `$1`,
        `a' OR '1'='1`,
        '../../etc',
        'x/y=z',
        'new\nline',
        'naïve ☃ 北京',
        '%',
        '__HIVE_DEFAULT_PARTITION__',
      ];
      const list = hostile.map((value, index) => `('${value.replaceAll("'", "''")}', ${index})`);
      const source = await test.parquet(`SELECT * FROM (VALUES ${list.join(', ')}) t(customer, n)`);
      const { consume, outputs } = collect();

      await test.engine.unload(job(source, byColumn('customer', hostile)), consume);

      for (const [index, customer] of hostile.entries()) {
        assert.deepEqual(await readBack(outputs[index]), [{ customer, n: index }]);
      }
      const one = collect();
      await test.engine.unload(job(source, byColumn('customer', hostile.slice(0, 1))), one.consume);
      assert.deepEqual(await readBack(one.outputs[0]), [{ customer: hostile[0], n: 0 }]);
    });

    it('splits by a number as by its text', async () => {
      const source = await test.parquet('SELECT i % 5 AS customer, i FROM range(100) t(i)');
      const { consume } = collect();

      const result = await test.engine.unload(
        job(source, byColumn('customer', ['3', '03', '4'])),
        consume,
      );

      assert.deepEqual(
        result.outputs.map((output) => output.rows),
        [20, 0, 20],
      );
    });

    it('gives a value named twice to both', async () => {
      const source = await test.parquet('SELECT i % 2 AS customer, i FROM range(100) t(i)');
      const { consume } = collect();

      const result = await test.engine.unload(
        job(source, byColumn('customer', ['1', '1'])),
        consume,
      );

      assert.deepEqual(
        result.outputs.map((output) => output.rows),
        [50, 50],
      );
    });

    it('leaves columns with hostile names as they are', async () => {
      const names = [
        'customer "id"',
        `it's`,
        'new\nline',
        'naïve ☃',
        'source_row',
        'wanted',
        '__output',
        'output',
        'value',
        'line',
        'side',
        'a.b',
        '$1',
        '*',
      ];
      const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`);
      const source = await test.parquet(
        `SELECT * FROM (VALUES (${names.map((_, i) => `'a${i}'`)}), (${names.map((_, i) => `'b${i}'`)})) t(${quoted})`,
      );
      const expected = Object.fromEntries(names.map((name, index) => [name, `b${index}`]));
      const splits = [0, 2, 4, 5].map((index) =>
        byColumn(names[index] ?? '', [`a${index}`, `b${index}`]),
      );
      for (const split of splits) {
        const { consume, outputs } = collect();

        const result = await test.engine.unload(job(source, split), consume);

        assert.deepEqual(
          result.schema.map((found) => found.name),
          names,
        );
        assert.deepEqual(await readBack(outputs[1]), [expected]);
      }
      const { consume, outputs } = collect();
      await test.engine.unload(job(source, { ...jsonl, ...splits[2] }), consume);
      assert.deepEqual(readLines(outputs[1]), [expected]);
    });

    it('reads the source again for each further 256 outputs', async () => {
      const source = await test.parquet('SELECT i % 300 AS customer, i FROM range(30_000) t(i)');
      const values = Array.from({ length: 300 }, (_, index) => String(index));
      const { consume, outputs } = collect();

      const result = await test.engine.unload(job(source, byColumn('customer', values)), consume);

      assert.ok(result.outputs.every((output) => output.rows === 100));
      assert.equal(result.outputs.length, 300);
      const found = await readBack(
        outputs[299],
        'SELECT DISTINCT customer::INTEGER AS c FROM $file',
      );
      assert.deepEqual(found, [{ c: 299 }]);
    });

    it('only tells the schema when there is nobody to give rows to', async () => {
      const source = await test.parquet('SELECT 1 AS customer');

      const unload = test.engine.unload(job(source, byColumn('customer', [])), async () => {
        assert.fail('nobody consumes');
      });
      const { sourceVersion: _version, ...result } = await unload;

      assert.deepEqual(result, {
        schema: [{ name: 'customer', type: 'INTEGER', nullable: true }],
        outputs: [],
        files: [],
      });
    });
  });

  describe('with a window', () => {
    const edges = [
      '1969-12-31 23:59:59.999999',
      '2026-01-01 00:00:00.000000',
      '2026-01-01 00:00:00.000001',
      '2026-01-01 23:59:59.999999',
      '2026-01-02 00:00:00.000000',
    ];
    const types = ['TIMESTAMP', 'TIMESTAMPTZ', 'TIMESTAMP_NS', 'DATE'];
    let source: string;
    before(async () => {
      const columns = types.map((type) => `t::${type} AS "${type}"`);
      source = await test.parquet(
        `SELECT i, ${columns} FROM (VALUES ${edges.map((edge, i) => `(${i}, TIMESTAMP '${edge}')`)}, (9, NULL)) v(i, t)`,
      );
    });
    const rowsIn = async (cursorColumn: string, from: string | null, to: string) => {
      const { consume, outputs } = collect();
      const window = { cursorColumn, from, to };
      await test.engine.unload(job(source, { ...jsonl, window }), consume);
      return readLines(outputs[0])
        .map((row) => row.i)
        .sort();
    };

    for (const type of ['TIMESTAMP', 'TIMESTAMPTZ', 'TIMESTAMP_NS']) {
      it(`takes rows of a ${type} from the first microsecond to before the last`, async () => {
        assert.deepEqual(
          await rowsIn(type, '2026-01-01T00:00:00.000001Z', '2026-01-02T00:00:00Z'),
          [2, 3],
        );
        assert.deepEqual(await rowsIn(type, null, '2026-01-01T00:00:00.000001Z'), [0, 1]);
      });
    }

    it('takes bounds before 1970, to the microsecond', async () => {
      assert.deepEqual(
        await rowsIn('TIMESTAMP', '1969-12-31T23:59:59.999999Z', '1970-01-01T00:00Z'),
        [0],
      );
    });

    it('takes a DATE as its midnight in UTC', async () => {
      assert.deepEqual(
        await rowsIn('DATE', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
        [1, 2, 3],
      );
      assert.deepEqual(
        await rowsIn('DATE', '2026-01-01T00:00:00.000001Z', '2026-01-03T00:00:00Z'),
        [4],
      );
    });

    it('combines with a split', async () => {
      const window = {
        cursorColumn: 'date',
        from: '2001-02-01T00:00:00Z',
        to: '2001-03-01T00:00:00Z',
      };
      const [expected] = await sql(
        `SELECT count(*) FILTER (origin = 'ATL')::INTEGER AS a, count(*) FILTER (origin = 'ORD')::INTEGER AS b FROM '${flights}' WHERE date >= '2001-02-01' AND date < '2001-03-01'`,
      );
      const { consume } = collect();

      const result = await test.engine.unload(
        job(flights, { window, ...byColumn('origin', ['ATL', 'ORD']) }),
        consume,
      );

      assert.deepEqual(
        result.outputs.map((output) => output.rows),
        [expected?.['a'], expected?.['b']],
      );
    });

    it('refuses a cursor that no time fits', async () => {
      const source = await test.parquet('SELECT 1::BIGINT AS id');
      const window = { cursorColumn: 'id', from: null, to: '2026-01-01T00:00:00Z' };

      await assert.rejects(
        test.engine.unload(job(source, { window }), neverConsumed),
        (error) => CausewayError.is(error, 'cursor_not_usable') && error.details.type === 'BIGINT',
      );
    });

    it('refuses a bound that is finer than a microsecond, or no time', async () => {
      for (const to of [
        '2026-01-01T00:00:00.0000001Z',
        '2026-01-01',
        '2026-13-01T00:00:00Z',
        `' OR 1=1`,
      ]) {
        const window = { cursorColumn: 'date', from: null, to };

        await assert.rejects(
          test.engine.unload(job(flights, { window }), neverConsumed),
          (error) => CausewayError.is(error, 'invalid_request') && /window\.to/.test(error.message),
        );
      }
    });
  });

  describe('when something is wrong', () => {
    it('refuses a compression that text files have not', async () => {
      await assert.rejects(
        test.engine.unload(job(flights, { format: 'jsonl', compression: 'snappy' }), neverConsumed),
        /"compression" must be "gzip", "zstd" or "none" for format "jsonl"/,
      );
    });

    it('names a column that is gone, in exact letter case, before anybody consumes', async () => {
      for (const column of ['Origin', 'nothing']) {
        await assert.rejects(
          test.engine.unload(job(flights, byColumn(column, ['ATL'])), neverConsumed),
          (error) =>
            CausewayError.is(error, 'column_not_found') &&
            error.details.column === column &&
            error.details.columns.includes('origin'),
        );
      }
    });

    it('goes on for the others when one consumer fails, stops reading or returns early', async () => {
      const values = ['ATL', 'ORD', 'DFW', 'LAX', 'PHX'];
      const received = new Map<number, number>();
      const consume: ConsumeOutput = async (index, stream) => {
        if (index === 0) throw new Error('access denied');
        if (index === 1) return;
        if (index === 2) return void stream.destroy();
        for await (const chunk of stream) {
          received.set(index, (received.get(index) ?? 0) + (chunk as Buffer).length);
          if (index === 3) throw new Error('connection reset');
        }
      };

      const result = await test.engine.unload(job(flights, byColumn('origin', values)), consume);

      assert.equal(received.get(4), result.outputs[4]?.bytes);
      assert.ok(result.outputs.every((output) => output.rows > 0 && output.bytes > 0));
    });

    it('destroys the streams instead of ending them when the data is damaged', async () => {
      const source = await test.parquet(
        'SELECT i, md5(i::VARCHAR) AS h FROM range(400_000) t(i)',
        ', ROW_GROUP_SIZE 20_000',
      );
      const bytes = await readFile(source);
      bytes.fill(0xa5, bytes.length >> 1, (bytes.length >> 1) + 100_000);
      await writeFile(source, bytes);
      const endings: string[] = [];

      await assert.rejects(
        test.engine.unload(job(source), async (_index, stream) => {
          await endOf(stream).then(
            () => endings.push('ended'),
            () => endings.push('failed'),
          );
        }),
        (error) =>
          CausewayError.is(error, 'source_not_readable') ||
          CausewayError.is(error, 'engine_failed'),
      );
      assert.deepEqual(endings, ['failed']);
    });

    it('fails when the source is written to meanwhile', async () => {
      const source = await test.parquet('SELECT i, md5(i::VARCHAR) AS h FROM range(400_000) t(i)');

      await assert.rejects(
        test.engine.unload(job(source), async (_index, stream) => {
          await appendFile(source, 'more');
          await endOf(stream).catch(() => {});
        }),
        /it changed while it was read/,
      );
    });

    it('says so when its process is killed, and leaves nothing', async () => {
      let stream: Readable | undefined;

      await assert.rejects(
        test.engine.unload(job(flights, jsonl), async (_index, readable) => {
          stream = readable;
          const children = childrenOf(process.pid);
          assert.ok(children.length > 0);
          for (const child of children) process.kill(child, 'SIGKILL');
          await endOf(readable).catch(() => {});
        }),
        (error) =>
          CausewayError.is(error, 'engine_failed') &&
          /ended by signal "SIGKILL"/.test(error.message),
      );
      assert.ok(stream?.errored);
      assert.deepEqual(await test.leftovers(), []);
    });

    it('stops at once when it is aborted, and hands the reason to all', async () => {
      const reason = new Error('the run was cancelled');
      for (const when of ['before', 'while reading'] as const) {
        const abort = new AbortController();
        if (when === 'before') abort.abort(reason);
        const found: unknown[] = [];

        await assert.rejects(
          test.engine.unload(
            job(flights, { ...jsonl, ...byColumn('origin', ['ATL', 'ORD']) }),
            async (_index, stream) => {
              try {
                for await (const _chunk of stream) abort.abort(reason);
              } catch (error) {
                found.push(error);
              }
            },
            abort.signal,
          ),
          reason,
        );
        assert.deepEqual(found, when === 'before' ? [] : [reason, reason]);
      }
      assert.deepEqual(await test.leftovers(), []);
    });
  });

  it('leaves nothing in its folder', async () => {
    assert.deepEqual(await test.leftovers(), []);
  });
});

const neverConsumed: ConsumeOutput = async () => assert.fail('nobody may consume');

function sha256(bytes: Buffer | undefined): string {
  return createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');
}

async function endOf(stream: Readable): Promise<void> {
  for await (const _chunk of stream);
}

/** Three rows of every kind of value that Parquet keeps. */
const manyTypes = `
  SELECT i, NULL AS nothing, i % 2 = 0 AS yes, i::UTINYINT AS tiny, 12345678901234567890.12::DECIMAL(38, 2) AS dec,
    1.10::DECIMAL(5, 2) AS cents, 0.1::FLOAT AS f, 1e300 AS d, e'x"\\n\\t\\\\,☃' || chr(1) AS text, '' AS empty,
    DATE '2026-01-02' AS day, TIME '10:00:00.000001' AS time, TIMESTAMP '2026-01-01 00:00:00.000001' AS ts,
    TIMESTAMPTZ '2026-01-01 00:00:00.000001+02' AS tz, TIMESTAMP_NS '2026-01-01 00:00:00.123456789' AS ns,
    '\\xAA\\x00'::BLOB AS bytes, '5b5a1e40-0000-4000-8000-000000000001'::UUID AS id, INTERVAL 3 DAY AS span,
    [1, NULL, 3] AS list, {'a': [i], 'b': {'c': 'x'}} AS nested, MAP {'k': i} AS map
  FROM range(3) t(i)`;
