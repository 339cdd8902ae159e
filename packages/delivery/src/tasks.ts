/** Work of a run that goes on side by side. The first failure ends all of it. */
export interface Tasks {
  /** Ends what is under way: aborted from outside, or by the first failure. */
  readonly signal: AbortSignal;
  start(act: () => Promise<void>): void;
  /**
   * Resolves when nothing goes on any more, also of what was started meanwhile.
   *
   * @throws The first failure.
   */
  ended(): Promise<void>;
}

export function createTasks(signal: AbortSignal): Tasks {
  const underWay = new Set<Promise<void>>();
  const stop = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  return {
    signal: AbortSignal.any([signal, stop.signal]),
    start(act) {
      const task = act()
        .catch((error: unknown) => {
          failure ??= { error };
          stop.abort(error);
        })
        .finally(() => underWay.delete(task));
      underWay.add(task);
    },
    async ended() {
      while (underWay.size > 0) await Promise.all(underWay);
      if (failure) throw failure.error;
    },
  };
}

/**
 * Lets at most so many go on at once; the others wait, first come, first served. Who takes
 * longer than `patienceMs` goes on, but its place is free for the next: one bucket that
 * does not answer keeps nobody waiting for long.
 */
export function createPlaces(
  places: number,
  patienceMs = 5000,
): <T>(act: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = places;
  const giveBack = () => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };
  return async (act) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let hasPlace = true;
    const leave = () => {
      if (hasPlace) giveBack();
      hasPlace = false;
    };
    const timer = setTimeout(leave, patienceMs);
    try {
      return await act();
    } finally {
      clearTimeout(timer);
      leave();
    }
  };
}
