import { setTimeout as sleep } from 'node:timers/promises';

interface Waiting<T, R> {
  readonly item: T;
  readonly settle: PromiseWithResolvers<R>;
}

/**
 * Does work on many items that come one by one: while a group of them is worked on, those
 * that come meanwhile gather, and are the next. So what costs the same for one as for many,
 * such as a commit, is paid once for many when they are many, and none waits when they are few.
 *
 * @param work Gives a result for each item, in their order. An Error among them fails its item alone.
 * @param largest How many items a group has at the most.
 * @param gatherMs How long a group waits for more, where the one before had several: those who
 * came together go on together. One that comes alone waits once, and the next no more.
 */
export function inGroups<T, R>(
  work: (items: readonly T[]) => Promise<readonly (R | Error)[]>,
  largest: number,
  gatherMs = 0,
): (item: T) => Promise<R> {
  const waiting: Waiting<T, R>[] = [];
  let isWorking = false;
  let lastSize = 1;
  const drain = async () => {
    isWorking = true;
    while (waiting.length > 0) {
      if (gatherMs > 0 && lastSize > 1 && waiting.length < largest) await sleep(gatherMs);
      const group = waiting.splice(0, largest);
      lastSize = group.length;
      await settle(group, work);
    }
    isWorking = false;
  };
  return (item) => {
    const settle = Promise.withResolvers<R>();
    waiting.push({ item, settle });
    if (!isWorking) void drain();
    return settle.promise;
  };
}

async function settle<T, R>(
  group: readonly Waiting<T, R>[],
  work: (items: readonly T[]) => Promise<readonly (R | Error)[]>,
): Promise<void> {
  try {
    const results = await work(group.map(({ item }) => item));
    for (const [index, { settle }] of group.entries()) {
      const result = results[index];
      if (result === undefined) throw new Error(`Cannot settle item ${index}: it has no result`);
      if (result instanceof Error) settle.reject(result);
      else settle.resolve(result);
    }
  } catch (error) {
    for (const { settle } of group) settle.reject(error);
  }
}
