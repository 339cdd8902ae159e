import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextCheckInSeconds } from './next-check.ts';

const hour = 3600;
const middle = () => 0.5;

describe('nextCheckInSeconds()', () => {
  it('looks at what works once a day, however long it has worked', () => {
    for (const since of [0, hour, 1000 * hour]) {
      assert.equal(nextCheckInSeconds('active', since, middle), 24 * hour);
    }
  });

  it('looks at what is in trouble soon, then ever more seldom', () => {
    const cases = [
      [0, hour / 4],
      [hour, hour / 4],
      [8 * hour, 2 * hour],
      [1000 * hour, 24 * hour],
    ] as const;
    for (const status of ['needs_customer', 'failing', 'insecure', 'revoked'] as const) {
      for (const [since, expected] of cases) {
        assert.equal(nextCheckInSeconds(status, since, middle), expected);
      }
    }
  });

  it('spreads connections that were checked together over more than four hours', () => {
    assert.equal(
      nextCheckInSeconds('active', 0, () => 0),
      21.6 * hour,
    );
    assert.equal(
      nextCheckInSeconds('active', 0, () => 1),
      26.4 * hour,
    );
  });

  it('leaves alone what a person has paused', () => {
    assert.equal(nextCheckInSeconds('paused', hour), null);
  });
});
