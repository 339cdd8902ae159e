import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newId } from './ids.ts';

describe('newId()', () => {
  it('says what it names', () => {
    assert.match(newId('run'), /^run_[0-9a-hjkmnp-tv-z]{26}$/);
    assert.match(newId('connection'), /^conn_/);
  });

  it('sorts by the time it was made', () => {
    const times = [1, 32, 1000, 1_700_000_000_000, 1_700_000_000_001];
    const ids = times.map((time) => newId('run', time));
    assert.deepEqual([...ids].sort(), ids);
  });

  it('is never made twice', () => {
    const ids = Array.from({ length: 10_000 }, () => newId('run', 0));
    assert.equal(new Set(ids).size, ids.length);
  });
});
