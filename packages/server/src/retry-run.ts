import { CausewayError, type Run } from '@causeway/contract';
import { planRun, type StartRunDeps } from './start-run.ts';

/** What is to be done again: all that failed, or for some customers by itself. */
export interface RetryInput {
  readonly id: string;
  readonly automaticFor?: readonly string[];
}

/**
 * Starts a run that does again what failed of another, for the same windows. A full delivery's
 * source may have become another since, so that it is sent as it is now.
 *
 * @throws CausewayError as `Runs.retry` does; `source_not_allowed`, `source_not_readable`.
 */
export async function retryRun({ id, automaticFor }: RetryInput, deps: StartRunDeps): Promise<Run> {
  const { store } = deps;
  const { mode, deliveryId } = await store.runs.get(id);
  const time = deps.now?.() ?? new Date();
  const common = {
    runId: id,
    now: time,
    customerIds: automaticFor ?? ('all' as const),
    automatic: automaticFor !== undefined,
  };
  if (mode === 'incremental') return store.runs.retry({ ...common, windowOf: (window) => window });
  const delivery = await store.deliveries.get(deliveryId);
  if (delivery.mode !== mode) throw new CausewayError('nothing_to_retry', { runId: id });
  const { run } = await planRun({ id: deliveryId }, { ...deps, now: () => time });
  return store.runs.retry({ ...common, windowOf: (window) => run.planWindow(null, '') ?? window });
}
