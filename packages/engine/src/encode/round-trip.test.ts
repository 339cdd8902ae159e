import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type Compression, CsvForm, type Format } from '@causeway/contract';
import type { UnloadJob } from '../engine.ts';
import { parquetFile } from '../engine-source.ts';
import { sql } from '../testing/duckdb.ts';
import { collect, openTestEngine, type TestEngine } from '../testing/engine.ts';

/** Every kind of value that a format has broken on somewhere, NULL among them. */
const uglyRows = `
  SELECT * FROM (VALUES
    (1, NULL, NULL), (2, '', ''), (3, 'a,b;c|d' || chr(9) || 'e', 'x'), (4, 'say "so"', '"'),
    (5, 'two' || chr(10) || 'lines', chr(10)), (6, 'back' || chr(13) || chr(10) || 'again', chr(13)),
    (7, 'NULL', 'null'), (8, '\\N', '\\'), (9, ' both sides ', '#no comment'),
    (10, '北京 ü 😀' || chr(8232), 'é'), (11, '=1+1', '@cmd'), (12, '-5', '+5'), (13, '''', 'it''s'),
    (14, 'NaN', '{"a": NaN}'), (15, repeat('long, "', 30000), 'y')
  ) AS t(id, text, other),
  (SELECT 12345678901234567890.123456789012345678::DECIMAL(38, 18) AS decimal,
    -170141183460469231731687303715884105727::HUGEINT AS huge, 9223372036854775807 AS big,
    TIMESTAMP '2026-01-31 23:59:59.999999' AS at, TIMESTAMPTZ '1969-12-31 23:59:59.000001+00' AS instant,
    DATE '0044-03-15' AS day, TIME '01:02:03.000004' AS clock, '\\x00\\xFF"ab,'::BLOB AS bytes,
    true AS flag, uuid '6f9619ff-8b86-d011-b42d-00c04fc964ff' AS id128, 0.1::FLOAT AS small,
    1e300 AS large, -0.0::DOUBLE AS zero, INTERVAL '1 month 2 days' AS span,
    [1, NULL, 3] AS list, {'a': 'x"y', 'b': [{'c': NULL}]} AS nested, MAP {'k,1': 'v'} AS map) AS c,
  (VALUES ('nan'::DOUBLE), ('inf'::DOUBLE), ('-inf'::DOUBLE), (1.5), (NULL)) AS f(number),
  (VALUES ([{'x': 'nan'::DOUBLE, 't': 'no NaN, nor "Infinity"'}]), (NULL)) AS g(floats)`;
const uglyCount = 15 * 5 * 2;

describe('files of every form', { timeout: 300_000 }, () => {
  let test: TestEngine;
  let source: string;
  before(async () => {
    test = await openTestEngine();
    source = await test.parquet(uglyRows);
  });
  after(() => test.close());

  const unload = async (job: Partial<UnloadJob> & { format: Format; compression: Compression }) => {
    const { consume, files } = collect();
    const split = { type: 'all' } as const;
    const result = await test.engine.unload(
      { source: parquetFile(source), split, ...job },
      consume,
    );
    return { result, files: files[0] ?? [] };
  };
  /** What the engine itself says of files: whether they hold the rows of the source. */
  const compare = async (
    bytes: readonly Buffer[],
    form: { format: Format; compression: Compression; csv?: CsvForm },
  ) => {
    const paths = bytes.map((_, index) => test.file(`${index}.${form.format}`));
    for (const [index, path] of paths.entries()) await writeFile(path, bytes[index] ?? '');
    const whole = { source: parquetFile(source), customerColumn: null, customerValue: null };
    return test.engine.compareRows({ ...whole, files: paths, ...form });
  };
  const plain = (bytes: Buffer, compression: Compression) =>
    compression === 'gzip'
      ? gunzipSync(bytes)
      : compression === 'zstd'
        ? zstdDecompressSync(bytes)
        : bytes;

  const forms: { format: Format; compression: Compression; csv?: CsvForm }[] = [
    ...(['zstd', 'snappy', 'gzip', 'none'] as const).map((compression) => ({
      format: 'parquet' as const,
      compression,
    })),
    ...(['csv', 'jsonl', 'json'] as const).flatMap((format) =>
      (['none', 'gzip', 'zstd'] as const).map((compression) => ({ format, compression })),
    ),
    ...[
      { delimiter: ';', nullText: 'NULL' },
      { delimiter: '\t', nullText: '\\N', header: false },
      { delimiter: '|', lineEnd: 'crlf' },
    ].map((csv) => ({
      format: 'csv' as const,
      compression: 'none' as const,
      csv: CsvForm.parse(csv),
    })),
  ];
  // Each format and each compression once, since a job of the engine takes a process.
  const inspected = new Set(['parquet, zstd', 'csv, gzip', 'jsonl, zstd', 'json, none']);
  for (const form of forms) {
    const name = `${form.format}, ${form.compression}${form.csv ? `, ${JSON.stringify(form.csv)}` : ''}`;
    it(`bring every row and value back: ${name}`, async () => {
      const { result, files } = await unload(form);

      assert.deepEqual(result.outputs, [{ rows: uglyCount, bytes: files[0]?.length }]);
      const equal = { equal: true, onlyInSource: 0, onlyInDelivery: 0, rows: uglyCount };
      assert.deepEqual(await compare(files, form), equal);
      if (!inspected.has(name)) return;
      const path = test.file();
      await writeFile(path, files[0] ?? '');
      const found = await test.engine.inspectFile({ path, ...form });
      assert.equal(found.rows, uglyCount);
    });
  }

  it('keep integers of 128 bits whole in Parquet, which has none, or fail', async () => {
    const query = (value: string) =>
      `SELECT CAST('${value}' AS HUGEINT) AS sum, [${value}::HUGEINT] AS list, {'HUGEINT': 1} AS other`;
    const run = async (value: string, columns?: readonly string[]) => {
      const counted = { ...parquetFile(source), query: query(value) };
      const given = { source: counted, ...(columns && { columns }) };
      return unload({ format: 'parquet', compression: 'none', ...given });
    };
    const largest = '9'.repeat(38);
    for (const columns of [undefined, ['list', 'sum']]) {
      const { files } = await run(`-${largest}`, columns);
      const path = test.file();
      await writeFile(path, files[0] ?? '');

      const [row] = await sql(`SELECT sum, list, typeof(sum) AS type FROM '${path}'`);
      assert.deepEqual(row, { sum: `-${largest}`, list: [`-${largest}`], type: 'DECIMAL(38,0)' });
    }
    await assert.rejects(run(`1${'0'.repeat(38)}`), { code: 'engine_failed' });
  });

  it('give typed values back to DuckDB from CSV, told no more than the types', async () => {
    const { files } = await unload({ format: 'csv', compression: 'none' });
    const path = test.file('typed.csv');
    await writeFile(path, files[0] ?? '');

    const types = await sql(`DESCRIBE SELECT * FROM '${source}'`);
    const columns = types.map((column) => {
      const type = String(column['column_type']);
      return `'${column['column_name']}': '${/[\])]$/.test(type) && !type.startsWith('DECIMAL') ? 'JSON' : type}'`;
    });
    const json = `* REPLACE (to_json(list) AS list, to_json(nested) AS nested, to_json(map) AS map), `;
    const [answer] = await sql(`
      WITH read AS (SELECT * EXCLUDE (floats) FROM read_csv('${path}', auto_detect = false, header = true,
          columns = {${columns.join(', ')}}, nullstr = '', allow_quoted_nulls = false, quote = '"', escape = '"', delim = ',')),
        sent AS (SELECT ${json.slice(0, -2)} FROM (SELECT * EXCLUDE (floats) FROM '${source}'))
      SELECT (SELECT count(*) FROM (FROM sent EXCEPT ALL FROM read)) AS lost,
        (SELECT count(*) FROM (FROM read EXCEPT ALL FROM sent)) AS made_up, (SELECT count(*) FROM read) AS n`);
    assert.deepEqual(answer, { lost: '0', made_up: '0', n: String(uglyCount) });
  });

  it('guard spreadsheets against formulas where asked to, in texts and names alone', async () => {
    const csv = CsvForm.parse({ formulaGuard: 'escape' });
    const guarded = await test.parquet(`
      SELECT text AS "=name", -1 AS number, -1.5 AS "plain" FROM (VALUES
        ('=1+1'), ('+1'), ('-1'), ('@x'), (chr(9) || 'x'), (chr(13) || 'x'), ('fine'), (' =1'), (''), (NULL)
      ) t(text)`);
    const form = { format: 'csv', compression: 'none', csv } as const;
    const { files } = await unload({ ...form, source: parquetFile(guarded) });

    assert.deepEqual(
      String(files[0]).split(/\n/).toSorted(),
      [
        '',
        "'=name,number,plain",
        "'=1+1,-1,-1.5",
        "'+1,-1,-1.5",
        "'-1,-1,-1.5",
        "'@x,-1,-1.5",
        "'\tx,-1,-1.5",
        '"\'\rx",-1,-1.5',
        'fine,-1,-1.5',
        ' =1,-1,-1.5',
        '"",-1,-1.5',
        ',-1,-1.5',
      ].toSorted(),
    );
  });

  it('count rows of a single column of CSV, where NULL is an empty line', async () => {
    const single = await test.parquet(
      `SELECT * FROM (VALUES (NULL), (''), ('x'), (NULL), (chr(10))) t("a ""name"", too")`,
    );
    const form = { format: 'csv', compression: 'none' } as const;
    const { result, files } = await unload({ ...form, source: parquetFile(single) });

    assert.equal(result.outputs[0]?.rows, 5);
    assert.match(String(files[0]), /^"a ""name"", too"\n/);
    const path = test.file('single.csv');
    await writeFile(path, files[0] ?? '');
    assert.equal((await test.engine.inspectFile({ path, ...form })).rows, 5);
  });

  it('are JSON to the strictest of readers, NaN and the infinities as texts', async () => {
    for (const format of ['jsonl', 'json'] as const) {
      const { files } = await unload({ format, compression: 'none' });

      const text = String(files[0]);
      const rows: Record<string, unknown>[] =
        format === 'json'
          ? JSON.parse(text)
          : text
              .trimEnd()
              .split('\n')
              .map((line) => JSON.parse(line));
      assert.equal(rows.length, uglyCount);
      const numbers = new Set(rows.map((row) => row['number']));
      assert.deepEqual(numbers, new Set(['NaN', 'Infinity', '-Infinity', 1.5, null]));
      const floats = rows.map((row) => row['floats']).filter((value) => value !== null);
      const expected = [{ x: 'NaN', t: 'no NaN, nor "Infinity"' }];
      assert.ok(floats.length > 0);
      for (const value of floats) assert.deepEqual(value, expected);
      assert.ok(rows.some((row) => row['other'] === '{"a": NaN}'));
    }
  });

  it('are told apart from nothing: no rows, no byte, whatever the form', async () => {
    const window = { cursorColumn: 'at', from: null, to: '1970-01-01T00:00:00Z' };
    for (const form of forms) {
      const { result, files } = await unload({ ...form, window, targetFileBytes: 1_000_000 });

      assert.deepEqual(result.files, [[]]);
      assert.deepEqual(
        files.map((file) => file.length),
        [0],
      );
    }
  });

  it('compress to one gzip member and to zstd frames that other programs read', async () => {
    const { files } = await unload({ format: 'csv', compression: 'none' });
    const sorted = (bytes: Buffer) =>
      bytes
        .toString()
        .split(/(?<=\n)/)
        .toSorted()
        .join('');
    const expected = sorted(files[0] ?? Buffer.alloc(0));

    for (const [compression, program] of [
      ['gzip', 'gzip'],
      ['zstd', 'zstd'],
    ] as const) {
      const [packed] = (await unload({ format: 'csv', compression })).files;
      const path = test.file(`packed.${compression}`);
      await writeFile(path, packed ?? '');

      const unpacked = execFileSync(program, ['-dc'], { input: packed, maxBuffer: 2 ** 30 });
      assert.equal(sorted(unpacked), expected);
      assert.equal(sorted(plain(packed ?? Buffer.alloc(0), compression)), expected);
    }
  });
});
