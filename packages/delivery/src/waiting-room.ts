import { setTimeout as sleep } from 'node:timers/promises';
import type { Tasks } from './tasks.ts';

/** Where recipients wait until they can be served together. */
export interface WaitingRoom<T> {
  /** `makeReady` tells whether there is anything left to be served. */
  enter(item: T, makeReady: () => Promise<boolean>): void;
  /**
   * All that are ready: when everybody is, or when nobody has become so for this long.
   * Who is late is served with the next. None when the room is empty.
   */
  next(patienceMs: number): Promise<readonly T[]>;
}

export function createWaitingRoom<T>(tasks: Tasks): WaitingRoom<T> {
  let ready: T[] = [];
  let late = 0;
  let moved = Promise.withResolvers<'moved'>();
  const tell = () => {
    moved.resolve('moved');
    moved = Promise.withResolvers();
  };
  tasks.signal.addEventListener('abort', tell, { once: true });
  return {
    enter(item, makeReady) {
      late++;
      tasks.start(async () => {
        if (await makeReady()) ready.push(item);
        late--;
        tell();
      });
    },
    async next(patienceMs) {
      while (late > 0) {
        tasks.signal.throwIfAborted();
        if ((await within(patienceMs, moved.promise)) === null && ready.length > 0) break;
      }
      const served = ready;
      ready = [];
      return served;
    },
  };
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | null> {
  const timer = new AbortController();
  const late = sleep(milliseconds, null, { signal: timer.signal }).catch(() => null);
  const first = await Promise.race([promise, late]);
  timer.abort();
  return first;
}
