import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import { createRateLimit } from './rate-limit.ts';

function limit(options: { burst: number; secondsEach: number }) {
  let time = 1_000;
  const { take } = createRateLimit({ what: 'do it', ...options, now: () => time });
  return { take, pass: (seconds: number) => (time += seconds * 1000) };
}

const refused = (retryAfterSeconds: number) => (error: unknown) =>
  CausewayError.is(error, 'too_many_requests') &&
  error.details.retryAfterSeconds === retryAfterSeconds;

describe('createRateLimit()', () => {
  it('allows a burst, and then one in a while, and says when', () => {
    const { take, pass } = limit({ burst: 3, secondsEach: 10 });

    for (let i = 0; i < 3; i++) take('a');
    assert.throws(() => take('a'), refused(10));
    pass(4);
    assert.throws(() => take('a'), refused(6));
    pass(6);
    take('a');
    assert.throws(() => take('a'), refused(10));
  });

  it('counts each key by itself, and a refusal for nothing', () => {
    const { take, pass } = limit({ burst: 1, secondsEach: 5 });

    take('a');
    take('b');
    for (let i = 0; i < 9; i++) assert.throws(() => take('a'));
    pass(5);
    take('a');
  });

  it('saves up no more than a burst', () => {
    const { take, pass } = limit({ burst: 2, secondsEach: 1 });

    take('a');
    pass(1_000_000);
    take('a');
    take('a');
    assert.throws(() => take('a'), refused(1));
  });
});
