import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inGroups } from './in-groups.ts';

/** Tells of each group when it begins. */
function recorded(gatherMs?: number) {
  const groups: (readonly number[])[] = [];
  const work = async (items: readonly number[]) => {
    groups.push(items);
    await sleep(5);
    return items.map((item) => (item < 0 ? new Error(`no ${item}`) : item * 10));
  };
  return { groups, act: inGroups(work, 3, gatherMs) };
}

describe('inGroups()', () => {
  it('works at once on one, and together on what comes meanwhile, so many at a time', async () => {
    const { groups, act } = recorded();

    assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map(act)), [10, 20, 30, 40, 50]);
    assert.deepEqual(groups, [[1], [2, 3, 4], [5]]);
  });

  it('fails the item that failed, and no other of its group', async () => {
    const { act } = recorded();

    const results = await Promise.allSettled([1, -2, 3].map(act));

    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
  });

  it('waits for more where several came before, and not after one that came alone', async () => {
    const { groups, act } = recorded(100);
    await Promise.all([1, 2, 3].map(act));

    const fourth = act(4);
    await sleep(10);
    await Promise.all([fourth, act(5)]);
    await act(6);
    const seventh = act(7);
    await sleep(10);

    assert.deepEqual(groups, [[1], [2, 3], [4, 5], [6], [7]]);
    await seventh;
  });

  it('does not wait when there are as many as a group may have', async () => {
    const { groups, act } = recorded(60_000);

    await Promise.all([1, 2, 3, 4, 5, 6, 7].map(act));

    assert.deepEqual(groups, [[1], [2, 3, 4], [5, 6, 7]]);
  });
});
