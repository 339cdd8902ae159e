import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { CausewayError } from '@causeway/contract';
import type { SourceInput } from '../engine-source.ts';
import { collect, openTestEngine, type TestEngine } from '../testing/engine.ts';

describe('a source of JSON', () => {
  let test: TestEngine;
  before(async () => {
    test = await openTestEngine();
  });
  after(() => test.close());

  const input = async (
    format: 'json' | 'jsonl',
    contents: readonly (string | Buffer)[],
    more: Partial<SourceInput> = {},
  ): Promise<SourceInput> => {
    const files = [];
    for (const [index, content] of contents.entries()) {
      const path = test.file();
      await writeFile(path, content);
      files.push({ path, label: `${index}.${format}` });
    }
    return { name: 'source', format, data: { type: 'files', files }, ...more };
  };
  const rowsOf = async (one: SourceInput) => {
    const { consume, outputs } = collect();
    await test.engine.unload(
      { source: { inputs: [one] }, format: 'jsonl', compression: 'none', split: { type: 'all' } },
      consume,
    );
    const lines = (outputs[0]?.toString() ?? '').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line)).sort((a, b) => a.id - b.id);
  };
  const typesOf = async (one: SourceInput) =>
    Object.fromEntries(
      (await test.engine.describe({ inputs: [one] })).map(({ name, type }) => [name, type]),
    );

  it('has the columns that its rows show, in lines and in an array', async () => {
    const rows = [
      { id: 1, at: '2026-01-01T10:00:00Z', nested: { list: [1, 2] } },
      { id: 2, word: 'two' },
    ];
    const texts = {
      jsonl: rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
      json: JSON.stringify(rows, null, 2),
    };
    for (const format of ['json', 'jsonl'] as const) {
      const one = await input(format, [texts[format]]);

      assert.deepEqual(await typesOf(one), {
        id: 'BIGINT',
        at: 'TIMESTAMP',
        nested: 'STRUCT(list BIGINT[])',
        word: 'VARCHAR',
      });
      assert.deepEqual(await rowsOf(one), [
        { id: 1, at: '2026-01-01 10:00:00', nested: { list: [1, 2] }, word: null },
        { id: 2, at: null, nested: null, word: 'two' },
      ]);
    }
  });

  it('unites files by name, compressed or not, and keeps the types that are known', async () => {
    const one = await input(
      'jsonl',
      [
        '{"id":1,"zip":123}\n',
        gzipSync('{"zip":"0456","id":2}\n'),
        zstdCompressSync('{"id":3,"new":true}\n'),
      ],
      {
        columns: [
          { name: 'id', type: 'BIGINT' },
          { name: 'zip', type: 'VARCHAR' },
          { name: 'gone', type: 'DATE' },
        ],
      },
    );

    assert.deepEqual(await typesOf(one), {
      id: 'BIGINT',
      zip: 'VARCHAR',
      gone: 'DATE',
      new: 'BOOLEAN',
    });
    assert.deepEqual(await rowsOf(one), [
      { id: 1, zip: '123', gone: null, new: null },
      { id: 2, zip: '0456', gone: null, new: null },
      { id: 3, zip: null, gone: null, new: true },
    ]);
  });

  it('has no rows when it is empty, if its columns are known', async () => {
    const columns = [{ name: 'id', type: 'BIGINT' }];

    assert.deepEqual(await rowsOf(await input('jsonl', [''], { columns })), []);
    assert.deepEqual(await rowsOf(await input('json', ['[]'], { columns })), []);
    await assert.rejects(
      typesOf(await input('jsonl', [''])),
      /Cannot read source "0.jsonl": it has no rows of named values/,
    );
  });

  it('names file and line of what is wrong', async () => {
    const columns = [{ name: 'id', type: 'BIGINT' }];
    for (const [format, text, expected] of [
      ['jsonl', '{"id":1}\n{"id":"x"}\n', /"0.jsonl": .*line 2: Failed to cast value .*"x"/],
      ['jsonl', '{"id":1}\n{"id":\n', /"0.jsonl": Malformed JSON .* line \d/],
      ['jsonl', '{"id":1}\n[1]\n', /"0.jsonl": .*line 2: Expected OBJECT, but got ARRAY/],
      ['json', '{"id":1}', /"0.json": Expected top-level JSON array/],
      ['json', '[1, 2]', /"0.json": .*Expected OBJECT/],
      ['json', '[{"id":1}', /"0.json": /],
    ] as const) {
      await assert.rejects(rowsOf(await input(format, [text], { columns })), (error) => {
        assert.ok(CausewayError.is(error, 'source_not_readable'), String(error));
        assert.match(error.message, expected);
        assert.doesNotMatch(error.message, /auto_detect|input_0/);
        return true;
      });
    }
  });
});
