import type { RunDeps } from '@causeway/delivery';

/**
 * Told of every call that a run makes to what lies outside of it. What it throws, the
 * run meets in place of the answer.
 */
export interface CallWatch {
  /** Before the call leaves. */
  before(call: string): Promise<void>;
  /** When it took effect, and before the run hears of it. */
  after(call: string): Promise<void>;
}

/** What a run needs of the outside, with somebody watching: these are all its await points but timers. */
export function watchedDeps(deps: RunDeps, watch: CallWatch): RunDeps {
  const { refreshConnection, openSource } = watched(deps, 'server', watch);
  return {
    ...deps,
    refreshConnection,
    openSource,
    journal: watched(deps.journal, 'journal', watch),
    engine: watched(deps.engine, 'engine', watch),
    openBucket: (connection, scope) => watched(deps.openBucket(connection, scope), 'bucket', watch),
  };
}

/** Called by timers, in no order with the rest; or answers at once. */
const unwatched: ReadonlySet<string | symbol> = new Set([
  'renewLease',
  'close',
  'listObjects',
  'mayHaveStrays',
]);

function watched<T extends object>(target: T, owner: string, watch: CallWatch): T {
  return new Proxy(target, {
    get(object, property) {
      const value: unknown = Reflect.get(object, property);
      if (typeof value !== 'function' || unwatched.has(property)) return value;
      const call = `${owner}.${String(property)}`;
      return async (...given: unknown[]) => {
        await watch.before(call);
        const answer: unknown = await value.apply(object, given);
        await watch.after(call);
        return answer;
      };
    },
  });
}
