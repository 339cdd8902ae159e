import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { partitionPath } from './partition-path.ts';

describe('partitionPath()', () => {
  it('names folders as Hive does', () => {
    assert.equal(partitionPath(['region', 'plan'], ['eu', 'free']), 'region=eu/plan=free');
    assert.equal(partitionPath(['day'], ['2026-01-31']), 'day=2026-01-31');
    assert.equal(partitionPath(['at'], ['2026-01-31 12:00:00']), 'at=2026-01-31 12%3A00%3A00');
    assert.equal(partitionPath(['city'], ['北京 ü']), 'city=北京 ü');
  });

  it('has one name for NULL and the empty text, as Hive', () => {
    for (const value of [null, '']) {
      assert.equal(partitionPath(['region'], [value]), 'region=__HIVE_DEFAULT_PARTITION__');
    }
  });

  it('lets no value or name out of its one segment', () => {
    const cases: [string, string][] = [
      ['../../other', '..%2F..%2Fother'],
      ['a/b\\c', 'a%2Fb%5Cc'],
      ['a=b', 'a%3Db'],
      ['50%', '50%25'],
      ['%2F', '%252F'],
      ['two\r\nlines\u0000', 'two%0D%0Alines%00'],
      ['\u202etxt.exe', '%E2%80%AEtxt.exe'],
      [' edge ', '%20edge%20'],
      ['{runId}', '%7BrunId%7D'],
      [`"#'*:?[]^`, '%22%23%27%2A%3A%3F%5B%5D%5E'],
    ];
    for (const [text, escaped] of cases) {
      assert.equal(partitionPath(['c'], [text]), `c=${escaped}`);
      assert.equal(partitionPath([text], ['v']), `${escaped}=v`);
      assert.equal(decodeURIComponent(escaped), text);
    }
  });

  it('gives different values different folders', () => {
    const values = ['a', 'A', 'a ', 'a%20', 'a/b', 'a%2Fb', '__HIVE', 'é', 'e\u0301'];

    assert.equal(new Set(values.map((value) => partitionPath(['c'], [value]))).size, values.length);
  });
});
