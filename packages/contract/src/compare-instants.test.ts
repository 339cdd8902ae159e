import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareInstants } from './compare-instants.ts';

describe('compareInstants()', () => {
  it('orders moments however many digits their fractions have', () => {
    const inOrder = [
      '2026-01-31T11:59:59.999999Z',
      '2026-01-31T12:00:00Z',
      '2026-01-31T12:00:00.000001Z',
      '2026-01-31T12:00:00.1Z',
      '2026-01-31T12:00:00.123Z',
      '2026-01-31T12:00:00.123456Z',
      '2026-02-01T00:00:00Z',
    ];

    for (const [i, one] of inOrder.entries()) {
      for (const [j, other] of inOrder.entries()) {
        assert.equal(compareInstants(one, other), Math.sign(i - j), `${one} ${other}`);
      }
    }
    assert.equal(compareInstants('2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000000Z'), 0);
  });
});
