import { CausewayError, type DeliverySchedule } from '@causeway/contract';
import type { DueDelivery, Store } from '@causeway/store';
import { keepLooking, type Watch } from '../keep-looking.ts';
import type { Log } from '../log.ts';
import { versionOf } from '../push/version-of.ts';
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
/** Of deliveries that no clock begins, before what could not be made is tried again. */
const restAfterTrouble = 30;

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
    const rest = next === null ? { restSeconds: restAfterTrouble } : {};
    if (CausewayError.is(error, 'run_in_progress') && waitsForMore(schedule)) {
      await dueDeliveries.settle(due, { nextDue: next, ...(next === null && { restSeconds: 1 }) });
      return;
    }
    await dueDeliveries.settle(due, { nextDue: next, ...rest, trouble: error });
    deps.log({ level: 'warn', event: 'delivery:not_begun', deliveryId, error });
  }
}

/** It begins when there is something to send, so that a run at work means no time that was missed. */
function waitsForMore({ type }: DeliverySchedule): boolean {
  return type === 'batch' || type === 'on_change';
}

async function makeRun(
  due: DueDelivery,
  nextDueAt: Date | null,
  signal: AbortSignal,
  { store, sources }: WatchDeliveriesDeps,
) {
  const outcome = { nextDue: nextDueAt };
  let seen: { readonly version?: string | null } = {};
  const { schedule } = due.delivery;
  if (schedule?.type === 'on_change') {
    const dataset = await store.datasets.get(due.delivery.datasetId);
    const version = await versionOf(dataset, { store, sources }, signal);
    if (version === due.seenVersion) return store.dueDeliveries.settle(due, outcome);
    seen = { version };
  }
  const onlyNew = schedule !== null && waitsForMore(schedule);
  const input = { id: due.delivery.id, onlyNew, ...seen };
  const plan = await planRun(input, { store, sources, now: () => due.now });
  return store.dueDeliveries.settle(due, { ...outcome, ...plan });
}
