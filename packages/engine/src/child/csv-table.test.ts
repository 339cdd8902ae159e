import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { CausewayError, type CsvOptions } from '@causeway/contract';
import type { EngineSource, SourceInput } from '../engine-source.ts';
import { collect, openTestEngine, type TestEngine } from '../testing/engine.ts';

describe('a source of CSV', () => {
  let test: TestEngine;
  before(async () => {
    test = await openTestEngine();
  });
  after(() => test.close());

  type Content = string | Buffer;
  const input = async (
    contents: Content | Record<string, Content>,
    more: Partial<SourceInput> = {},
  ): Promise<SourceInput> => {
    const named = typeof contents === 'string' || Buffer.isBuffer(contents);
    const files = [];
    for (const [name, content] of Object.entries(named ? { 'a.csv': contents } : contents)) {
      const path = test.file();
      await writeFile(path, content);
      files.push({ path, label: name });
    }
    return { name: 'source', format: 'csv', data: { type: 'files', files }, ...more };
  };
  const rowsOf = async (one: SourceInput) => {
    const { consume, outputs } = collect();
    const source: EngineSource = { inputs: [one] };
    const job = { source, format: 'jsonl', compression: 'none', split: { type: 'all' } } as const;
    await test.engine.unload(job, consume);
    const lines = (outputs[0]?.toString() ?? '').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line)).sort((a, b) => a.id - b.id);
  };
  const typesOf = async (one: SourceInput) =>
    Object.fromEntries(
      (await test.engine.describe({ inputs: [one] })).map(({ name, type }) => [name, type]),
    );
  const refused = (work: Promise<unknown>, expected: string) =>
    assert.rejects(work, (error) => {
      assert.ok(CausewayError.is(error, 'source_not_readable'), String(error));
      assert.equal(error.message, `Cannot read source ${expected}`);
      return true;
    });

  it('has the types that its first rows show, or those that are said', async () => {
    const text = 'id,zip,day,at,price\n1,1234,2026-01-31,2026-01-31 10:00:00,1.50\n2,,,,\n';

    assert.deepEqual(await typesOf(await input(text)), {
      id: 'BIGINT',
      zip: 'BIGINT',
      day: 'DATE',
      at: 'TIMESTAMP',
      price: 'DOUBLE',
    });
    const said = await input(text, {
      columns: [
        { name: 'zip', type: 'VARCHAR' },
        { name: 'price', type: 'DECIMAL(9,2)' },
      ],
    });
    assert.equal((await typesOf(said))['price'], 'DECIMAL(9,2)');
    assert.deepEqual((await rowsOf(said))[0], {
      id: 1,
      zip: '1234',
      day: '2026-01-31',
      at: '2026-01-31 10:00:00',
      price: 1.5,
    });
  });

  it('keeps quotes, line ends and NULL apart from text', async () => {
    const text = 'id,"a ""b"",\nc"\r\n1,"x, ""y""\r\nz"\r\n2,\r\n3,""\r\n4,NULL\r\n';

    const column = 'a "b",\nc';
    assert.deepEqual(await rowsOf(await input(text, { csv: { quotedNull: false } })), [
      { id: 1, [column]: 'x, "y"\r\nz' },
      { id: 2, [column]: null },
      { id: 3, [column]: '' },
      { id: 4, [column]: 'NULL' },
    ]);
    const nulls = await rowsOf(await input(text, { csv: { nullText: 'NULL' } }));
    assert.deepEqual(
      nulls.map((row) => row[column]),
      ['x, "y"\r\nz', '', '', null],
    );
  });

  it('takes columns from the header of each file, by name', async () => {
    const columns = [
      { name: 'id', type: 'BIGINT' },
      { name: 'word', type: 'VARCHAR' },
    ];
    const several = await input(
      {
        'a.csv': 'id,word\n1,one\n',
        'b.csv': gzipSync('word,id\ntwo,2\n'),
        'c.csv': zstdCompressSync('id\n3\n'),
        'd.csv': 'id,word,more\n4,four,2026-01-01\n',
      },
      { columns },
    );

    assert.deepEqual(await typesOf(several), { id: 'BIGINT', word: 'VARCHAR', more: 'DATE' });
    assert.deepEqual(await rowsOf(several), [
      { id: 1, word: 'one', more: null },
      { id: 2, word: 'two', more: null },
      { id: 3, word: null, more: null },
      { id: 4, word: 'four', more: '2026-01-01' },
    ]);
  });

  it('may have no header', async () => {
    const text = '1;a\n2;b\n';
    const csv: CsvOptions = { delimiter: ';', header: false };

    assert.deepEqual(await typesOf(await input(text, { csv })), {
      column0: 'BIGINT',
      column1: 'VARCHAR',
    });
    const columns = [
      { name: 'id', type: 'INTEGER' },
      { name: 'letter', type: 'VARCHAR' },
    ];
    assert.deepEqual(await rowsOf(await input(text, { csv, columns })), [
      { id: 1, letter: 'a' },
      { id: 2, letter: 'b' },
    ]);
  });

  it('may be written as people do in other places', async () => {
    const text = Buffer.from(
      'Export of today\nid\tcity\tprice\tday\n1\tKöln\t1,5\t31.01.2026\n',
      'latin1',
    );
    const csv: CsvOptions = {
      delimiter: '\t',
      skipLines: 1,
      encoding: 'latin-1',
      decimalSeparator: ',',
      dateFormat: '%d.%m.%Y',
    };
    const columns = [
      { name: 'price', type: 'DOUBLE' },
      { name: 'day', type: 'DATE' },
    ];

    assert.deepEqual(await rowsOf(await input(text, { csv, columns })), [
      { id: 1, city: 'Köln', price: 1.5, day: '2026-01-31' },
    ]);
  });

  it('begins with a byte order mark, or a name that is missing, without harm', async () => {
    assert.deepEqual(await rowsOf(await input('\ufeffid,,x\n1,2,3\n')), [
      { id: 1, column1: 2, x: 3 },
    ]);
  });

  it('has no rows when there is only a header', async () => {
    const columns = [{ name: 'id', type: 'BIGINT' }];

    assert.deepEqual(await rowsOf(await input('id,word\n', { columns })), []);
  });

  describe('when something is wrong', () => {
    const columns = [
      { name: 'id', type: 'BIGINT' },
      { name: 'word', type: 'VARCHAR' },
    ];

    it('names file, line and column', async () => {
      await refused(
        rowsOf(
          await input({ 'a.csv': 'id,word\n1,a\n', 'b.csv': 'id,word\n1,a\nx,b\n' }, { columns }),
        ),
        `"b.csv": line 3: Error when converting column "id". Could not convert string "x" to 'BIGINT'`,
      );
      await refused(
        rowsOf(await input('id,word\n1,a\n2,b,c\n', { columns })),
        '"a.csv": line 3: Expected Number of Columns: 2 Found: 3',
      );
      await refused(
        rowsOf(await input('id,word\n1,a\n2,"b\n', { columns })),
        '"a.csv": line 3: Value with unterminated quote found',
      );
      await refused(
        rowsOf(await input(Buffer.from('id,word\n1,K\xf6ln\n', 'latin1'), { columns })),
        '"a.csv": line 2: Invalid unicode (byte sequence mismatch) detected. This file is not utf-8 encoded',
      );
    });

    it('says what its header lacks', async () => {
      await refused(
        rowsOf(await input('')),
        '"a.csv": it is empty, and should begin with a header',
      );
      await refused(
        rowsOf(await input('id,ID\n1,2\n')),
        '"a.csv": its header names column "ID" twice',
      );
      await refused(
        rowsOf(await input('"id,word\n1,a\n')),
        '"a.csv": the quotes of its first line are never closed',
      );
    });

    it('refuses another compression than the one that is said', async () => {
      const plain = await input('id\n1\n');
      const said = { ...plain, data: { ...plain.data, compression: 'gzip' } } as SourceInput;
      await refused(rowsOf(said), '"a.csv": it is not compressed with gzip');
    });

    it('refuses what is compressed and cut off, or damaged, at whatever place', async () => {
      const text = Array.from({ length: 50_000 }, (_, i) => `${i},${(i * 2654435761) % 4096}\n`);
      const whole = { columns, csv: { header: false } };
      for (const pack of [gzipSync, zstdCompressSync]) {
        const bytes = pack(text.join(''));
        const half = bytes.subarray(0, bytes.length >> 1);
        const damaged = Buffer.from(bytes);
        damaged.set([~(bytes.at(-6) ?? 0)], bytes.length - 6);
        for (const broken of [half, bytes.subarray(0, -1), damaged]) {
          await assert.rejects(rowsOf(await input(broken, whole)), (error) =>
            CausewayError.is(error, 'source_not_readable'),
          );
        }
        const twice = await input(Buffer.concat([bytes, bytes]), whole);
        assert.equal((await rowsOf(twice)).length, 100_000);
      }
    });

    it('refuses a type that is none', async () => {
      const none = { columns: [{ name: 'id', type: `BIGINT'}) --` }] };
      await assert.rejects(
        rowsOf(await input('id\n1\n', none)),
        (error) =>
          CausewayError.is(error) && /can not be converted to a DuckDB Type/.test(error.message),
      );
    });
  });

  describe('sniffCsv()', () => {
    const sniff = async (content: Content, csv: CsvOptions = {}) =>
      test.engine.sniffCsv(await input(content, { csv }));

    it('proposes how a file is written', async () => {
      assert.deepEqual(await sniff('id;word\n1;"a;b"\n2;c\n'), {
        delimiter: ';',
        quote: '"',
        escape: '"',
        header: true,
        skipLines: 0,
        nullText: '',
      });
      assert.equal((await sniff(gzipSync('1\ta\n2\tb\n'))).delimiter, '\t');
      assert.equal((await sniff('1,a\n2,b\n')).header, false);
    });

    it('takes a file of one column, of few lines, or empty, for plain CSV', async () => {
      const plain = { delimiter: ',', quote: '"', escape: '"', skipLines: 0, nullText: '' };
      assert.deepEqual(await sniff('id\n1\n2\n'), { ...plain, header: true });
      assert.deepEqual(await sniff('id,word\n'), { ...plain, header: true });
    });

    it('leaves what was said', async () => {
      const said = { delimiter: '|', quote: "'", header: false, nullText: '-' };

      assert.deepEqual(await sniff("a|'b'\nc|d\n", said), { escape: "'", skipLines: 0, ...said });
    });
  });
});
