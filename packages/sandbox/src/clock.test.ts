import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clock } from './clock.ts';

const start = Date.parse('2030-01-01T00:00:00.250Z');
const hour = 3_600_000;

function clockOn(): { readonly clock: Clock; readonly pass: (milliseconds: number) => void } {
  let base = start;
  return {
    clock: new Clock(() => new Date(base)),
    pass: (milliseconds) => {
      base += milliseconds;
    },
  };
}

describe('Clock', () => {
  it('shows the time of the machine until it is moved, and goes on from there', async () => {
    const { clock, pass } = clockOn();
    const before = clock.now().getTime();

    await clock.advance(hour);
    pass(5000);

    assert.equal(before, start);
    assert.equal(clock.now().getTime(), start + hour + 5000);
    assert.equal(clock.baseTime().getTime(), start + 5000);
  });

  it('stands still while it is frozen, and is then moved only on purpose', async () => {
    const { clock, pass } = clockOn();

    clock.setFrozen(true);
    pass(5000);
    const stopped = clock.now().getTime();
    await clock.advance(hour);
    pass(5000);
    const moved = clock.now().getTime();
    clock.setFrozen(false);
    pass(1000);

    assert.equal(stopped, start);
    assert.equal(moved, start + hour);
    assert.equal(clock.now().getTime(), start + hour + 1000);
  });

  it('is moved when all its listeners have done what became due', async () => {
    const { clock } = clockOn();
    const told: number[] = [];
    clock.onAdvance(async (now) => {
      await Promise.resolve();
      told.push(now.getTime());
    });

    await clock.advance(hour);
    await clock.set(new Date(start));

    assert.deepEqual(told, [start + hour, start]);
  });

  it('makes older what was signed before it was moved, and nothing else', async () => {
    const { clock, pass } = clockOn();
    const early = new Date(start - 250);

    await clock.advance(hour);
    pass(2000);
    const late = new Date(start + 1750);

    assert.equal(clock.elapsedSince(early), hour + 2250);
    assert.equal(clock.elapsedSince(late), 250);
    assert.equal(clock.elapsedSince(new Date(start + 12_000)), -10_000);
    assert.equal(clock.settledAt().getTime(), start + 750);
  });

  it('lets no signature age while it is frozen', () => {
    const { clock, pass } = clockOn();

    clock.setFrozen(true);
    pass(10_000);

    assert.equal(clock.elapsedSince(new Date(start + 1750)), 0);
    assert.equal(clock.elapsedSince(new Date(start - 250)), 250);
  });
});
