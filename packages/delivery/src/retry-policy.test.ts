import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import { pauseAfter, planRetry } from './retry-policy.ts';

const unavailable = new CausewayError('store_unavailable', { operation: 'o', reason: 'r' });
const denied = new CausewayError('access_denied', { operation: 'o', resource: 'r' });
const taken = new CausewayError('object_exists', { key: 'k' });
const schemaChanged = new CausewayError('schema_changed', { changes: [] });
const moved = new CausewayError('bucket_region_mismatch', { bucket: 'b', region: 'eu-west-1' });
const notReady = new CausewayError('connection_not_ready', {
  connectionId: 'c',
  status: 'failing',
});

describe('pauseAfter()', () => {
  it('doubles with each attempt, up to an hour', () => {
    const pauses = [1, 2, 3, 12, 13, 2000].map((attempt) => pauseAfter(attempt));
    assert.deepEqual(pauses, [1, 2, 4, 2048, 3600, 3600]);
  });
});

describe('planRetry()', () => {
  it('tries again what is not the customer’s to mend, later each time, and not for ever', () => {
    const waits = Array.from({ length: 13 }, (_, n) => planRetry(unavailable, 'aws', n));

    assert.deepEqual(
      waits.map((plan) => plan && plan.afterSeconds / 60),
      [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60, null],
    );
    assert.ok(waits.slice(0, -1).every((plan) => plan?.awaits === 'time'));
    for (const error of [new Error('a bug'), schemaChanged]) {
      assert.equal(planRetry(error, 'operator', 0)?.awaits, 'time');
    }
  });

  it('waits for the customer’s connection with what is the customer’s, and with any not ready', () => {
    assert.equal(planRetry(denied, 'customer', 0)?.awaits, 'connection');
    assert.equal(planRetry(notReady, 'operator', 0)?.awaits, 'connection');
  });

  it('has a check find a bucket that has moved at once, and only later once more', () => {
    const waits = [0, 1].map((retries) => planRetry(moved, 'aws', retries));

    assert.deepEqual(waits, [
      { afterSeconds: 0, awaits: 'connection' },
      { afterSeconds: 120, awaits: 'connection' },
    ]);
  });

  it('leaves what no repetition changes', () => {
    assert.equal(planRetry(taken, 'customer', 0), null);
  });
});
