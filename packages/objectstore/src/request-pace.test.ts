import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { requestPace } from './request-pace.ts';

class TooMuch extends Error {}
const isTooMuch = (error: unknown) => error instanceof TooMuch;

/** A bucket that takes so many requests at once, and refuses what is more. */
function bucketOf(capacity: number) {
  const seen = { underWay: 0, most: 0, refused: 0 };
  const request = async () => {
    seen.most = Math.max(seen.most, ++seen.underWay);
    const isOver = seen.underWay > capacity;
    await setImmediate();
    seen.underWay--;
    if (!isOver) return;
    seen.refused++;
    throw new TooMuch();
  };
  return { seen, request };
}

describe('requestPace()', () => {
  it('sends as many at once as it may, and no more', async () => {
    const pace = requestPace({ mostAtOnce: 3, isTooMuch });
    const { seen, request } = bucketOf(100);

    await Promise.all(Array.from({ length: 20 }, () => pace.send(request)));

    assert.equal(seen.most, 3);
  });

  it('halves its places once for all that were under way, and not for other failures', async () => {
    const pace = requestPace({ mostAtOnce: 16, isTooMuch });
    const fail = (error: Error) => () => pace.send(() => Promise.reject(error)).catch(() => {});

    await Promise.all(Array.from({ length: 16 }, fail(new TooMuch())));
    assert.equal(pace.places(), 8);
    await fail(new Error('of another kind'))();
    assert.equal(pace.places(), 8);
    await fail(new TooMuch())();
    assert.equal(pace.places(), 4);
  });

  it('finds what a bucket takes, and comes back when it takes more', async () => {
    const pace = requestPace({ mostAtOnce: 50, isTooMuch });
    const { seen, request } = bucketOf(4);
    const untilTaken = async () => {
      for (;;) {
        const isTaken = await pace.send(request).then(
          () => true,
          () => false,
        );
        if (isTaken) return;
      }
    };
    await Promise.all(Array.from({ length: 400 }, untilTaken));

    // A pace of 50 would have been refused 46 times in each of a hundred rounds.
    assert.ok(seen.refused < 300, `${seen.refused} requests were refused`);
    assert.ok(pace.places() <= 8, `${pace.places()} places`);
    for (let i = 0; i < 2000; i++) await pace.send(async () => {});
    assert.equal(pace.places(), 50);
  });

  it('keeps nobody waiting who was called off', async () => {
    const pace = requestPace({ mostAtOnce: 1, isTooMuch });
    const held = Promise.withResolvers<void>();
    const first = pace.send(() => held.promise);
    const gone = new AbortController();
    const second = pace.send(async () => assert.fail('it was called off'), gone.signal);

    const third = pace.send(async () => 'next');

    // The place is free and offered to the second, which is called off before it takes it.
    held.resolve();
    gone.abort();
    await first;
    await assert.rejects(second, { name: 'AbortError' });
    assert.equal(await third, 'next');
  });
});
