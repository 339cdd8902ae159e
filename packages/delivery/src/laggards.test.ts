import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchLaggards } from './laggards.ts';

/** A watch whose clock is the test's. It looks every 20 ms. */
function watchedBy(items: readonly string[]) {
  const clock = { now: 0 };
  const laggards = watchLaggards(items, { patienceMs: 100, now: () => clock.now });
  const after = async (milliseconds: number) => {
    clock.now += milliseconds;
    await sleep(50);
    return items.filter((item) => laggards.isSetAside(item));
  };
  return { laggards, after };
}

describe('watchLaggards()', () => {
  it('sets aside who holds up the others for longer than they are to wait', async (t) => {
    const { laggards, after } = watchedBy(['slow', 'a', 'b']);
    t.after(laggards.stop);

    laggards.heldUp('slow', true);
    assert.deepEqual(await after(99), []);
    assert.deepEqual(await after(1), ['slow']);
    assert.ok(laggards.signalOf('slow').aborted);
  });

  it('adds up many short waits', async (t) => {
    const { laggards, after } = watchedBy(['slow', 'a']);
    t.after(laggards.stop);

    for (let i = 0; i < 2; i++) {
      laggards.heldUp('slow', true);
      assert.deepEqual(await after(40), []);
      laggards.heldUp('slow', false);
      assert.deepEqual(await after(1000), []);
    }
    laggards.heldUp('slow', true);
    assert.deepEqual(await after(40), ['slow']);
  });

  it('blames nobody for what holds all of them up, as a narrow line', async (t) => {
    const { laggards, after } = watchedBy(['a', 'b', 'c']);
    t.after(laggards.stop);

    for (const item of ['a', 'b', 'c']) laggards.heldUp(item, true);

    assert.deepEqual(await after(5000), []);
  });

  it('leaves in the scan whose bucket is quick but who has most of the rows', async (t) => {
    const { laggards, after } = watchedBy(['large', 'a', 'b']);
    t.after(laggards.stop);

    laggards.heldUp('large', true);
    laggards.sent('large', 1024 ** 2);

    assert.deepEqual(await after(1000), []);
    assert.deepEqual(await after(100), ['large']);
  });

  it('never sets aside the only one there is', async (t) => {
    const { laggards, after } = watchedBy(['alone']);
    t.after(laggards.stop);

    laggards.heldUp('alone', true);

    assert.deepEqual(await after(60_000), []);
  });
});
