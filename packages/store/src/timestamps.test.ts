import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isoFromPostgres } from './timestamps.ts';

describe('isoFromPostgres()', () => {
  const cases = [
    ['2024-01-02 03:04:05+00', '2024-01-02T03:04:05.000Z'],
    ['2024-01-02 03:04:05.1+00', '2024-01-02T03:04:05.100Z'],
    ['2024-01-02 03:04:05.123456+00', '2024-01-02T03:04:05.123456Z'],
    ['2024-01-02 03:04:05.000001+00', '2024-01-02T03:04:05.000001Z'],
    ['2024-01-02 01:04:05.5+02', '2024-01-01T23:04:05.500Z'],
    ['2024-01-02 03:04:05-03:30', '2024-01-02T06:34:05.000Z'],
    ['0001-01-01 00:00:00+00', '0001-01-01T00:00:00.000Z'],
  ] as const;
  for (const [text, iso] of cases) {
    it(`reads ${text} as ${iso}`, () => {
      assert.equal(isoFromPostgres(text), iso);
    });
  }

  it('refuses what is no timestamp of our time', () => {
    assert.throws(() => isoFromPostgres('infinity'), /Cannot read timestamp "infinity"/);
  });
});
