import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { filterIssue } from './filter-issue.ts';
import { FilterCondition } from './row-filter.ts';

describe('filterIssue()', () => {
  const fits = (type: string, value: unknown, operator = 'equals') => {
    const condition = FilterCondition.parse({ column: 'c', operator, value });
    return filterIssue(condition, { type }) === null;
  };

  const cases: readonly (readonly [type: string, held: unknown[], refused: unknown[]])[] = [
    ['TINYINT', [127, -128, '127'], [128, -129, 1.5, '1.0', '', ' 1', true]],
    ['UBIGINT', ['18446744073709551615', 0], ['18446744073709551616', -1, 2 ** 53]],
    ['HUGEINT', ['-170141183460469231731687303715884105728'], ['9'.repeat(40)]],
    ['DECIMAL(4,2)', [12.34, '12.3400', '-0012.5', 0], [12.345, 123, '1e1', '.5', 'x']],
    ['DOUBLE', [1, 0.1, '1e300', '-2.5E-3'], ['1e999', 'NaN', '', '0x10']],
    ['FLOAT', [3.4e38], [3.5e38]],
    ['BOOLEAN', [true, 'false'], ['yes', 1, 0]],
    ['VARCHAR', ['', '1'], [1, true]],
    ["ENUM('a', 'b')", ['a'], [1]],
    ['DATE', ['2024-02-29'], ['2026-02-29', '2026-1-1', '2026-01-01T00:00:00Z', 5]],
    [
      'TIMESTAMP',
      ['2026-01-31T09:30:00Z', '2026-01-31T09:30:00.123456Z'],
      ['2026-01-31T09:30:00.1234567Z', '2026-01-31T09:30:00', '2026-01-31', '2026-02-30T00:00:00Z'],
    ],
    ['UUID', ['0195b3f0-0000-7000-8000-00000000000A'], ['0195b3f0', '']],
  ];
  for (const [type, held, refused] of cases) {
    it(`tells values that a ${type} can hold unrounded from others`, () => {
      for (const value of held) assert.ok(fits(type, value), `${value} fits`);
      for (const value of refused) assert.ok(!fits(type, value), `${value} does not fit`);
    });
  }

  it('asks every value of a list', () => {
    assert.ok(fits('INTEGER', [1, '2'], 'in'));
    assert.ok(!fits('INTEGER', [1, 'two'], 'in'));
  });

  it('has no operator for a type without its meaning', () => {
    const nested = { column: 'c', operator: 'equals', value: 'x' } as const;
    assert.equal(
      filterIssue(nested, { type: 'INTEGER[]' })?.message,
      'cannot be "equals" for type "INTEGER[]": one of is_null, is_not_null',
    );
    assert.equal(filterIssue({ ...nested, operator: 'less' }, { type: 'UUID' })?.field, 'operator');
    assert.equal(filterIssue({ column: 'c', operator: 'is_null' }, { type: 'BLOB' }), null);
  });
});
