import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, type Run, type RunProgress } from '@causeway/contract';
import type { Records, Store } from '@causeway/store';
import { retryRun } from '../retry-run.ts';
import { toProgress } from '../run-progress.ts';
import type { Sources } from '../sources/source-kind.ts';
import { api } from './implementer.ts';

export interface RunRoutesDeps {
  readonly watchRun: Store['watchRun'];
  readonly sources: Sources;
  /** Looks for what customers have said of a run; tells whether anything may be new. */
  readonly lookForReceipts: (runId: string, signal: AbortSignal) => Promise<boolean>;
  readonly shutdown: AbortSignal;
}

/** A run tells of every part of every upload; people and bars need less. */
const shortestPauseMs = 100;

/** Who looks at a run does not wait longer than this for customers' buckets. */
const receiptPatienceMs = 3_000;

export function runRoutes(deps: RunRoutesDeps) {
  return {
    list: api.runs.list.handler(({ input, context }) => context.store.runs.list(input)),
    get: api.runs.get.handler(async ({ input, context }) => {
      const run = await context.store.runs.get(input.id);
      const patience = AbortSignal.any([deps.shutdown, AbortSignal.timeout(receiptPatienceMs)]);
      const mayBeNew = await deps.lookForReceipts(run.id, patience);
      return mayBeNew ? context.store.runs.get(run.id) : run;
    }),
    cancel: api.runs.cancel.handler(({ input, context }) => context.store.runs.cancel(input.id)),
    retry: api.runs.retry.handler(({ input, context }) =>
      retryRun(input, { store: context.store, sources: deps.sources }),
    ),
    progress: api.runs.progress.handler(async ({ input, context, signal }) => {
      // Asked for before the stream begins, so that an unknown run is a plain 404.
      const run = await context.store.runs.get(input.id);
      const ended = signal ? AbortSignal.any([signal, deps.shutdown]) : deps.shutdown;
      return follow(run, context.store, deps.watchRun, ended);
    }),
  };
}

/** The present state at once, then every change, until the run or the signal has ended. */
async function* follow(
  first: Run,
  store: Pick<Records, 'runs'>,
  watchRun: Store['watchRun'],
  signal: AbortSignal,
): AsyncGenerator<RunProgress, void> {
  let told = toProgress(first);
  yield told;
  if (hasEnded(told)) return;
  for await (const _change of watchRun(first.id, signal)) {
    const progress = toProgress(await store.runs.get(first.id));
    if (JSON.stringify(progress) === JSON.stringify(told)) continue;
    yield progress;
    told = progress;
    if (hasEnded(progress)) return;
    await sleep(shortestPauseMs, undefined, { signal }).catch(() => {});
  }
}
