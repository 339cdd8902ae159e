import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { CausewayError, CsvForm } from '@causeway/contract';
import type { UnloadJob } from './engine.ts';
import type { EngineSource, InputStream, SourceInput } from './engine-source.ts';
import { relayOf } from './relay-rows.ts';
import { collect, openTestEngine, type TestEngine } from './testing/engine.ts';

describe('a source that is a stream', () => {
  let test: TestEngine;
  before(async () => {
    test = await openTestEngine();
  });
  after(() => test.close());

  const streamOf = (open: InputStream['open'], more: Partial<SourceInput> = {}): SourceInput => ({
    name: 'numbers',
    data: { type: 'stream', label: 'the numbers', open },
    format: 'csv',
    columns: [
      { name: 'id', type: 'BIGINT' },
      { name: 'text', type: 'VARCHAR' },
    ],
    csv: { header: false, nullText: '\\N', quotedNull: false },
    ...more,
  });
  const job = (source: EngineSource, more: Partial<UnloadJob> = {}): UnloadJob => ({
    source,
    format: 'jsonl',
    compression: 'none',
    split: { type: 'all' },
    ...more,
  });
  const lines = (bytes: Buffer | undefined) => (bytes?.toString() ?? '').split('\n').slice(0, -1);
  const manyRows = () =>
    Readable.from(
      (function* () {
        for (let i = 0; i < 200; i += 1) {
          let chunk = '';
          for (let j = 0; j < 1000; j += 1) chunk += `${i * 1000 + j},c${j % 3}\n`;
          yield Buffer.from(chunk);
        }
      })(),
    );

  it('is read as CSV of known columns, with NULL told from text', async () => {
    const input = streamOf(() => Readable.from(['1,a\n2,\\N\n', '3,"\\N"\n4,""\n5,"x\n""y"""\n']));
    const { consume, outputs } = collect();

    const result = await test.engine.unload(job({ inputs: [input] }), consume);

    assert.deepEqual(
      result.schema.map(({ name, type }) => [name, type]),
      [
        ['id', 'BIGINT'],
        ['text', 'VARCHAR'],
      ],
    );
    assert.deepEqual(
      lines(outputs[0]).map((line) => JSON.parse(line)),
      [
        { id: 1, text: 'a' },
        { id: 2, text: null },
        { id: 3, text: '\\N' },
        { id: 4, text: '' },
        { id: 5, text: 'x\n"y"' },
      ],
    );
  });

  it('is read as JSON lines, split among customers in one pass', async () => {
    let opened = 0;
    const open = () => {
      opened += 1;
      return Readable.from(['{"id":1,"text":"a"}\n{"text":"b"}\n', '{"id":3,"text":"a"}\n']);
    };
    const { consume, outputs } = collect();

    const result = await test.engine.unload(
      job(
        { inputs: [streamOf(open, { format: 'jsonl', csv: {} })] },
        { split: { type: 'byColumn', column: 'text', values: ['a', 'b', 'c'] } },
      ),
      consume,
    );

    assert.equal(opened, 1);
    assert.deepEqual(
      result.outputs.map(({ rows }) => rows),
      [2, 1, 0],
    );
    assert.deepEqual(lines(outputs[1]), ['{"id":null,"text":"b"}']);
  });

  it('keeps all rows of a long one, for one value too', async () => {
    const { consume } = collect();

    const all = await test.engine.unload(job({ inputs: [streamOf(manyRows)] }), consume);
    const one = await test.engine.unload(
      job(
        { inputs: [streamOf(manyRows)] },
        { format: 'parquet', split: { type: 'byColumn', column: 'text', values: ['c1'] } },
      ),
      consume,
    );

    assert.equal(all.outputs[0]?.rows, 200_000);
    assert.equal(one.outputs[0]?.rows, 66_600);
  });

  it('may be read twice by a query, beside a file', async () => {
    const file = await test.parquet(`SELECT 1::BIGINT AS id, 'one' AS word`);
    const source: EngineSource = {
      inputs: [
        streamOf(() => Readable.from(['1,a\n2,b\n'])),
        { name: 'words', data: { type: 'files', files: [{ path: file }] }, format: 'parquet' },
      ],
      query: 'SELECT a.id, w.word FROM numbers a JOIN numbers b USING (id) JOIN words w USING (id)',
    };
    const { consume, outputs } = collect();

    const columns = await test.engine.describe(source);
    await test.engine.unload(job(source), consume);

    assert.deepEqual(
      columns.map(({ name, type }) => [name, type]),
      [
        ['id', 'BIGINT'],
        ['word', 'VARCHAR'],
      ],
    );
    assert.deepEqual(lines(outputs[0]), ['{"id":1,"word":"one"}']);
  });

  it('is not opened to be described, nor when nobody wants its rows', async () => {
    const source = { inputs: [streamOf(() => assert.fail('nobody opens it'))] };

    const columns = await test.engine.describe(source);
    const result = await test.engine.unload(
      job(source, { split: { type: 'byColumn', column: 'text', values: [] } }),
      async () => {},
    );

    assert.equal(columns.length, 2);
    assert.deepEqual(result.outputs, []);
  });

  it('fails the job when it fails, however much came before', async () => {
    for (const rows of [0, 1, 200_000]) {
      const broken = () =>
        Readable.from(
          (async function* () {
            if (rows === 1) yield '1,a\n';
            if (rows > 1) yield* manyRows();
            throw new CausewayError('source_not_readable', { path: 'the numbers', reason: 'gone' });
          })(),
        );
      const endings: string[] = [];

      await assert.rejects(
        test.engine.unload(job({ inputs: [streamOf(broken)] }), async (_index, stream) => {
          try {
            for await (const _chunk of stream);
            endings.push('ended');
          } catch {
            endings.push('failed');
          }
        }),
        (error) => CausewayError.is(error, 'source_not_readable') && /gone/.test(error.message),
      );
      assert.ok(!endings.includes('ended'));
    }
    assert.deepEqual(await test.leftovers(), []);
  });

  it('fails the job when it cannot be opened, and when a line is wrong', async () => {
    const refuse = () => Promise.reject(new Error('no such table'));
    await assert.rejects(
      test.engine.unload(job({ inputs: [streamOf(refuse)] }), async () => {}),
      /no such table/,
    );
    const wrong = () => Readable.from(['1,a\n', 'two,b\n']);

    await assert.rejects(
      test.engine.unload(job({ inputs: [streamOf(wrong)] }), async () => {}),
      (error) =>
        CausewayError.is(error, 'source_not_readable') &&
        error.message ===
          `Cannot read source "the numbers": line 2: Error when converting column "id". Could not convert string "two" to 'BIGINT'`,
    );
  });

  it('stops being read when the job is aborted', async () => {
    const abort = new AbortController();
    const reason = new Error('cancelled');
    let closed = false;
    const endless = () =>
      new Readable({
        read() {
          this.push('1,a\n'.repeat(1000));
        },
        destroy(error, done) {
          closed = true;
          done(error);
        },
      });

    await assert.rejects(
      test.engine.unload(
        job({ inputs: [streamOf(endless)] }),
        async (_index, stream) => {
          for await (const _chunk of stream) abort.abort(reason);
        },
        abort.signal,
      ),
      reason,
    );
    assert.ok(closed);
  });

  describe('that writes CSV itself', () => {
    const csv = CsvForm.parse({ delimiter: ';' });
    const rows = Array.from({ length: 30_000 }, (_, i) => `${i};"a ""text""\n of ${i}"\n`);
    const written = (stream: () => Readable, counted = rows.length) =>
      streamOf(() => assert.fail('DuckDB reads it'), {
        data: {
          type: 'stream',
          label: 'the numbers',
          open: () => assert.fail('DuckDB reads it'),
          writeCsv: ({ columns, csv: { delimiter } }) =>
            delimiter === ';' && columns.join() === 'text,id'
              ? () => Promise.resolve({ stream: stream(), rows: () => counted })
              : null,
        },
      });
    const asked = { format: 'csv', csv, columns: ['text', 'id'] } as const;
    const sent = () => {
      const all = Buffer.from(rows.join(''));
      const at = (i: number) => all.subarray(i * 50_000, (i + 1) * 50_000);
      return Readable.from(Array.from({ length: Math.ceil(all.length / 50_000) }, (_, i) => at(i)));
    };

    it('makes files of its rows, each with the header and of the size asked for', async () => {
      const { consume, files } = collect();
      const form = { ...asked, compression: 'gzip', targetFileBytes: 256 * 1024 } as const;

      const small = { ...form, compression: 'none' } as const;
      const result = await test.engine.unload(job({ inputs: [written(sent)] }, small), consume);

      assert.deepEqual(
        result.schema.map(({ name, type }) => `${name} ${type}`),
        ['text VARCHAR', 'id BIGINT'],
      );
      assert.equal(result.outputs[0]?.rows, rows.length);
      const [made = []] = files;
      assert.ok(made.length > 1);
      const texts = made.map(String);
      assert.ok(texts.every((text) => text.startsWith('text;id\n')));
      assert.equal(texts.map((text) => text.replace('text;id\n', '')).join(''), rows.join(''));

      const packed = collect();
      await test.engine.unload(job({ inputs: [written(sent)] }, form), packed.consume);
      const [bytes = Buffer.alloc(0)] = packed.files[0] ?? [];
      assert.ok(gunzipSync(bytes).toString().startsWith('text;id\n0;"a ""text""'));
    });

    it('fails as its stream does, and where it had other rows than arrived', async () => {
      const { consume } = collect();
      const broken = () =>
        Readable.from(
          (function* () {
            yield Buffer.from('1;a\n');
            throw new Error('it broke off');
          })(),
        );
      const unload = (input: SourceInput, signal?: AbortSignal) =>
        test.engine.unload(job({ inputs: [input] }, asked), consume, signal);

      await assert.rejects(unload(written(broken)), /it broke off/);
      await assert.rejects(unload(written(sent, 29_999)), /wrote 29999 rows, but 30000 arrived/);
      const stop = new AbortController();
      const endless = () =>
        new Readable({ read: () => void setImmediate(() => stop.abort('why')) });
      await assert.rejects(unload(written(endless), stop.signal), (error) => error === 'why');
    });

    it('is left to DuckDB for whatever else is asked', async () => {
      const others: Partial<UnloadJob>[] = [
        { csv: CsvForm.parse({}) },
        { format: 'jsonl' },
        { split: { type: 'byColumn', column: 'text', values: ['a'] } },
        { partitionBy: ['text'] },
        { deleted: { column: 'text', keep: 'others' } },
        { filter: { match: 'all', conditions: [{ column: 'id', operator: 'equals', value: 1 }] } },
        { schema: [{ name: 'id', type: 'INTEGER' }] },
      ];
      for (const other of others) {
        const whole = { ...job({ inputs: [written(sent)] }, asked), ...other };
        assert.equal(relayOf(whole), null, JSON.stringify(other));
      }
      assert.ok(relayOf(job({ inputs: [written(sent)] }, asked)));
    });
  });
});
