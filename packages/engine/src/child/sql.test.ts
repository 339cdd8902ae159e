import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from '../testing/duckdb.ts';
import { epochMicros, freeName, quoteIdentifier, quoteLiteral } from './sql.ts';

describe('SQL text', () => {
  const hostile = [`it's`, `"`, `'';--`, 'a\nb', '\\', '$1', '', '北京', `\u0001`, '/* */'];

  it('quotes any text so that it comes back unchanged', async () => {
    for (const text of hostile) {
      const [row] = await sql(`SELECT ${quoteLiteral(text)} AS text`);

      assert.equal(row?.['text'], text);
    }
  });

  it('quotes any name so that it names the same column', async () => {
    for (const name of hostile.filter((candidate) => candidate !== '')) {
      const [row] = await sql(`SELECT 1 AS ${quoteIdentifier(name)}`);

      assert.deepEqual(row, { [name]: 1 });
    }
  });

  it('finds a name that no column has, in any letter case', () => {
    const columns = ['wanted', 'WANTED_1', 'other'].map((name) => ({
      name,
      type: 'VARCHAR',
      nullable: true,
    }));

    assert.equal(freeName('wanted', columns), 'wanted_2');
    assert.equal(freeName('row', columns), 'row');
  });

  it('tells whole microseconds since 1970, before it too', () => {
    const cases: [string, bigint][] = [
      ['1970-01-01T00:00:00Z', 0n],
      ['1970-01-01T00:00:00.000001Z', 1n],
      ['1970-01-01T00:00:00.1Z', 100_000n],
      ['1970-01-01T00:00:00.123456000Z', 123_456n],
      ['1970-01-01T00:01Z', 60_000_000n],
      ['1969-12-31T23:59:59.999999Z', -1n],
      ['9999-12-31T23:59:59.999999Z', 253_402_300_799_999_999n],
    ];
    for (const [iso, micros] of cases) assert.equal(epochMicros(iso), micros, iso);
  });
});
