import { CausewayError } from '@causeway/contract';
import type { DueDelivery, Store } from '@causeway/store';
import { keepLooking, type Watch } from '../keep-looking.ts';
import type { Log } from '../log.ts';
import { planRun, type StartRunDeps } from '../start-run.ts';
import { nextDue } from './due-times.ts';

export interface WatchDeliveriesDeps {
  readonly store: StartRunDeps['store'] & Pick<Store, 'dueDeliveries'>;
  readonly sources: StartRunDeps['sources'];
  readonly log: Log;
}

/** How many deliveries one process begins at once: sources may take a while to tell their version. */
const concurrentStarts = 4;
const lookMs = 1_000;

/**
 * Begins deliveries whose time has come, for as long as this process runs. Of all processes
 * one begins each.
 */
export function watchDeliveries(deps: WatchDeliveriesDeps): Watch {
  return keepLooking({
    take: () => deps.store.dueDeliveries.take(),
    act: (due, signal) => beginDue(due, signal, deps),
    onError: (error) => deps.log({ level: 'error', event: 'schedule:failed', error }),
    lanes: concurrentStarts,
    lookMs,
  });
}

/**
 * That a run cannot be made is no accident: nobody may be there to be served, or the source not
 * be readable. It is told of by an event, and tried again when the delivery is due next.
 */
async function beginDue(
  due: DueDelivery,
  signal: AbortSignal,
  deps: WatchDeliveriesDeps,
): Promise<void> {
  const { id: deliveryId, schedule } = due.delivery;
  if (schedule === null) return;
  const next = nextDue(schedule, deliveryId, new Date(due.dueAt), due.now);
  const { dueDeliveries } = deps.store;
  try {
    const run = await makeRun(due, next, signal, deps);
    if (run) deps.log({ level: 'info', event: 'delivery:begun', deliveryId, runId: run.id });
  } catch (error) {
    // The hold runs out by itself, and another looks.
    if (!CausewayError.is(error) || CausewayError.is(error, 'database_unreachable')) throw error;
    await dueDeliveries.settle(due, { nextDue: next, trouble: error });
    deps.log({ level: 'warn', event: 'delivery:not_begun', deliveryId, error });
  }
}

async function makeRun(
  due: DueDelivery,
  nextDueAt: Date,
  signal: AbortSignal,
  { store, sources }: WatchDeliveriesDeps,
) {
  const outcome = { nextDue: nextDueAt };
  let seen: { readonly version?: string | null } = {};
  if (due.delivery.schedule?.type === 'on_change') {
    const { source } = await store.datasets.get(due.delivery.datasetId);
    const version = await sources.version(source, signal);
    if (version === due.seenVersion) return store.dueDeliveries.settle(due, outcome);
    seen = { version };
  }
  const input = { id: due.delivery.id, ...seen };
  const plan = await planRun(input, { store, sources, now: () => due.now });
  return store.dueDeliveries.settle(due, { ...outcome, ...plan });
}
