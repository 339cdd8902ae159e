import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Column, RowFilter } from '@causeway/contract';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import type { UnloadJob } from '../engine.ts';
import { parquetFile } from '../engine-source.ts';
import { sql } from '../testing/duckdb.ts';
import { collect, openTestEngine, type TestEngine } from '../testing/engine.ts';
import { filterCondition } from './row-filter.ts';

type Conditions = RowFilter['conditions'];

describe('unload() of chosen rows and columns', () => {
  let test: TestEngine;
  let path: string;
  let columns: readonly Column[];
  let instance: DuckDBInstance;
  let connection: DuckDBConnection;
  before(async () => {
    test = await openTestEngine();
    path = await test.parquet(`SELECT * FROM (VALUES
      (1, 9007199254740993, 0.10::DECIMAL(18,2), 0.1::FLOAT, 'a%b', true, DATE '2026-01-31', TIMESTAMP '2026-01-31 09:30:00.123456', TIMESTAMPTZ '2026-01-31 09:30:00.123456+00', '0195b3f0-0000-7000-8000-000000000001'::UUID, [1]),
      (2, 9007199254740992, 0.11, 'nan', 'Ab', false, '2026-02-01', '2026-01-31 09:30:00.123457', '2026-01-31 09:30:00.123457+00', '0195b3f0-0000-7000-8000-000000000002', [2]),
      (3, -5, -2.50, -1.5, E'it\\'s "x"; DROP', true, '2025-12-31', '2026-01-31 09:30:00', '2026-01-31 09:30:00+00', '0195b3f0-0000-7000-8000-000000000003', []),
      (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
    ) t(id, big, price, ratio, "na""me", flag, day, moment, zoned, uid, list)`);
    columns = await test.engine.describe(parquetFile(path));
    instance = await DuckDBInstance.create();
    connection = await instance.connect();
  });
  after(async () => {
    connection.closeSync();
    instance.closeSync();
    await test.close();
  });

  const unload = async (rest: Partial<UnloadJob>, source = path) => {
    const { consume, outputs } = collect();
    const job = { format: 'jsonl', compression: 'none', split: { type: 'all' } } as const;
    const result = await test.engine.unload(
      { source: parquetFile(source), ...job, ...rest },
      consume,
    );
    return { result, outputs };
  };
  const rowsOf = ({ outputs }: { readonly outputs: readonly Buffer[] }) =>
    (outputs[0]?.toString() ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  const idsOf = async (conditions: Conditions, match: RowFilter['match'] = 'all') => {
    const unloaded = await unload({ filter: { match, conditions } });
    return rowsOf(unloaded)
      .map(({ id }) => id)
      .sort();
  };
  const name = 'na"me';

  const cases: readonly (readonly [string, Conditions, number[]])[] = [
    [
      'a number of 64 bits exactly',
      [{ column: 'big', operator: 'equals', value: '9007199254740993' }],
      [1],
    ],
    ['a number', [{ column: 'big', operator: 'less', value: -4 }], [3]],
    ['a decimal', [{ column: 'price', operator: 'less_or_equal', value: 0.1 }], [1, 3]],
    ['a float as it is held', [{ column: 'ratio', operator: 'equals', value: 0.1 }], [1]],
    ['NaN as more than any number', [{ column: 'ratio', operator: 'greater', value: 1e30 }], [2]],
    [
      'text with what patterns would take for their own',
      [{ column: name, operator: 'contains', value: '%' }],
      [1],
    ],
    ['the start of a text, by case', [{ column: name, operator: 'starts_with', value: 'a' }], [1]],
    [
      'text that SQL would be broken by',
      [{ column: name, operator: 'equals', value: `it's "x"; DROP` }],
      [3],
    ],
    [
      'text that looks like a parameter',
      [{ column: name, operator: 'in', value: ['$1', 'Ab'] }],
      [2],
    ],
    ['true and false', [{ column: 'flag', operator: 'not_equals', value: true }], [2]],
    ['days', [{ column: 'day', operator: 'greater_or_equal', value: '2026-01-31' }], [1, 2]],
    [
      'times to the microsecond',
      [{ column: 'moment', operator: 'greater', value: '2026-01-31T09:30:00.123456Z' }],
      [2],
    ],
    [
      'times with a zone',
      [{ column: 'zoned', operator: 'equals', value: '2026-01-31T09:30:00.123456Z' }],
      [1],
    ],
    [
      'UUIDs in any case',
      [{ column: 'uid', operator: 'in', value: ['0195B3F0-0000-7000-8000-000000000002'] }],
      [2],
    ],
    ['NULL', [{ column: 'list', operator: 'is_null' }], [4]],
    ['what is not NULL', [{ column: 'list', operator: 'is_not_null' }], [1, 2, 3]],
    [
      'not equal, which NULL is to nothing',
      [
        { column: 'id', operator: 'greater', value: 2 },
        { column: name, operator: 'not_equals', value: 'x' },
      ],
      [3],
    ],
  ];
  for (const [what, conditions, ids] of cases) {
    it(`compares ${what}`, async () => {
      const values: DuckDBValue[] = [];
      const add = (value: DuckDBValue) => `$${values.push(value)}`;
      const condition = filterCondition({ match: 'all', conditions }, 'rows', columns, add);

      const found = await connection.runAndReadAll(
        `SELECT id FROM read_parquet('${path}') AS rows WHERE ${condition} ORDER BY id`,
        values,
      );

      assert.deepEqual(found.getColumns()[0] ?? [], ids);
    });
  }

  it('compares by parameters in an unload too', async () => {
    const [, conditions, ids] = cases.find(([what]) => what.includes('parameter')) ?? [];
    assert.ok(conditions);
    assert.deepEqual(await idsOf(conditions), ids);
  });

  it('takes rows that meet any of the conditions', async () => {
    const conditions: Conditions = [
      { column: 'id', operator: 'equals', value: 1 },
      { column: 'big', operator: 'is_null' },
    ];
    assert.deepEqual(await idsOf(conditions, 'any'), [1, 4]);
  });

  it('filters within a window, one output and one partition of it', async () => {
    const source = await test.parquet(`
      SELECT i AS id, TIMESTAMP '2026-01-01' + INTERVAL (i) HOUR AS moment, 'c' || i % 3 AS customer, i % 2 AS half
      FROM range(1000) t(i)`);
    const window = {
      cursorColumn: 'moment',
      from: '2026-01-02T00:00:00Z',
      to: '2026-01-03T00:00:00Z',
    };
    const filter: RowFilter = {
      match: 'any',
      conditions: [
        { column: 'id', operator: 'less', value: 30 },
        { column: 'id', operator: 'equals', value: 999 },
      ],
    };
    const rest = { window, filter, columns: ['id'] } as const;
    const one = { type: 'byColumn', column: 'customer', values: ['c1'] } as const;
    const both = { type: 'byColumn', column: 'customer', values: ['c1', 'c2'] } as const;

    const single = await unload({ ...rest, split: one }, source);
    const split = await unload(
      { ...rest, split: both, format: 'parquet', compression: 'zstd' },
      source,
    );
    const parted = await unload({ ...rest, split: both, partitionBy: ['half'] }, source);

    assert.deepEqual(
      rowsOf(single).toSorted((a, b) => a.id - b.id),
      [{ id: 25 }, { id: 28 }],
    );
    assert.deepEqual(
      split.result.outputs.map(({ rows }) => rows),
      [2, 2],
    );
    assert.deepEqual(
      parted.result.outputs.map(({ rows }) => rows),
      [2, 2],
    );
    assert.equal(parted.result.files[0]?.length, 2);
  });

  for (const format of ['parquet', 'csv', 'jsonl', 'json'] as const) {
    it(`sends columns in the order asked for as ${format}, and proves it`, async () => {
      const form = { format, compression: format === 'parquet' ? 'zstd' : 'none' } as const;
      const columns = ['ratio', name, 'id'];
      const filter: RowFilter = {
        match: 'all',
        conditions: [{ column: 'flag', operator: 'is_not_null' }],
      };
      const { result, outputs } = await unload({ ...form, columns, filter });
      const file = test.file(`chosen.${format}`);
      await writeFile(file, outputs[0] ?? '');
      const compare = (rest: object) =>
        test.engine.compareRows({
          ...form,
          source: parquetFile(path),
          customerColumn: null,
          customerValue: null,
          files: [file],
          columns,
          filter,
          ...rest,
        });

      assert.deepEqual(
        result.schema.map((column: Column) => column.name),
        columns,
      );
      assert.equal((await compare({})).equal, true);
      assert.equal((await compare({ filter: null })).onlyInSource, 1);
      if (format === 'parquet') {
        const described = await sql(`DESCRIBE SELECT * FROM '${file}'`);
        assert.deepEqual(
          described.map((column) => column['column_name']),
          columns,
        );
      }
      if (format === 'csv') assert.ok(outputs[0]?.toString().startsWith(`ratio,"na""me",id\n`));
      if (format === 'jsonl') {
        const second = rowsOf({ outputs }).find(({ id }) => id === 2);
        assert.deepEqual(Object.entries(second), [
          ['ratio', 'NaN'],
          [name, 'Ab'],
          ['id', 2],
        ]);
      }
    });
  }

  it('holds the columns to a schema: leaves out what is new, and refuses what is not as it was', async () => {
    const schema = [
      { name: 'flag', type: 'BOOLEAN' },
      { name: 'id', type: 'INTEGER' },
    ];
    const isGone = { name: 'gone', type: 'DATE' };
    const isOther = { name: 'id', type: 'BIGINT' };
    const held = await unload({ schema });

    assert.deepEqual(Object.keys(rowsOf(held)[0]), ['flag', 'id']);
    assert.deepEqual(
      held.result.schema.map(({ name }) => name),
      ['flag', 'id'],
    );
    await assert.rejects(unload({ schema: [isGone, isOther] }), {
      code: 'schema_changed',
      message:
        'Cannot read the source as its dataset has it: column "gone" of type "DATE" is gone; column "id" had type "BIGINT" and has "INTEGER"',
    });
    const chosen = await unload({ schema: [...schema, isGone], columns: ['id'] });
    assert.deepEqual(Object.keys(rowsOf(chosen)[0]), ['id']);
  });

  it('sends what is new after the columns of the schema, unless columns are chosen', async () => {
    const schema = [
      { name: 'flag', type: 'BOOLEAN' },
      { name: 'id', type: 'INTEGER' },
    ];
    const all = Object.keys(rowsOf(await unload({}))[0]);
    const others = all.filter((column) => column !== 'flag' && column !== 'id');

    const wider = await unload({ schema, sendsAdded: true });
    const chosen = await unload({ schema, sendsAdded: true, columns: ['id'] });

    assert.deepEqual(Object.keys(rowsOf(wider)[0]), ['flag', 'id', ...others]);
    assert.deepEqual(
      wider.result.schema.map(({ name: column }) => column),
      ['flag', 'id', ...others],
    );
    assert.deepEqual(Object.keys(rowsOf(chosen)[0]), ['id']);
  });

  it('refuses what the source no longer fits, by name', async () => {
    const conditions: Conditions = [{ column: 'id', operator: 'starts_with', value: '1' }];
    const missing: Conditions = [{ column: 'gone', operator: 'is_null' }];

    await assert.rejects(unload({ filter: { match: 'all', conditions } }), (error: Error) => {
      assert.match(
        error.message,
        /^Cannot filter rows by column "id" of type "INTEGER": its operator cannot be "starts_with"/,
      );
      return 'code' in error && error.code === 'filter_not_usable';
    });
    await assert.rejects(unload({ filter: { match: 'all', conditions: missing } }), {
      code: 'column_not_found',
    });
    await assert.rejects(unload({ columns: ['id', 'gone'] }), { code: 'column_not_found' });
  });
});
