import { CausewayError } from '@causeway/contract';
import type { DueRetry, NextTry, Store } from '@causeway/store';
import { keepLooking, type Watch } from '../keep-looking.ts';
import type { Log } from '../log.ts';
import { retryRun } from '../retry-run.ts';
import type { StartRunDeps } from '../start-run.ts';

export interface WatchRetriesDeps {
  readonly store: StartRunDeps['store'] & Pick<Store, 'dueRetries'>;
  readonly sources: StartRunDeps['sources'];
  readonly log: Log;
}

const lookMs = 2_000;

/**
 * Does again what failed, when its time has come or the customer has mended its side, for as long
 * as this process runs. Of all processes one does it.
 */
export function watchRetries(deps: WatchRetriesDeps): Watch {
  const { dueRetries } = deps.store;
  return keepLooking({
    async take() {
      await dueRetries.askForChecks();
      return dueRetries.take();
    },
    act: (due) => retryDue(due, deps),
    onError: (error) => deps.log({ level: 'error', event: 'retries:failed', error }),
    lanes: 1,
    lookMs,
  });
}

async function retryDue(due: DueRetry, { store, sources, log }: WatchRetriesDeps): Promise<void> {
  const { runId, customerIds } = due;
  try {
    const run = await retryRun({ id: runId, automaticFor: customerIds }, { store, sources });
    // Those that were not free, or that the delivery does not go to any more.
    await store.dueRetries.giveBack(due, run.leftOut.length > 0 ? 'soon' : 'never');
    log({ level: 'info', event: 'run:retried', runId: run.id, retryOf: runId });
  } catch (error) {
    if (!CausewayError.is(error) || CausewayError.is(error, 'database_unreachable')) throw error;
    const next = nextTry(error);
    await store.dueRetries.giveBack(due, next);
    if (next === 'later') log({ level: 'warn', event: 'run:not_retried', runId, error });
  }
}

function nextTry(error: CausewayError): NextTry {
  if (CausewayError.is(error, 'nothing_to_retry')) return 'never';
  return CausewayError.is(error, 'run_in_progress') ? 'soon' : 'later';
}
