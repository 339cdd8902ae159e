import { CausewayError, type Window } from '@causeway/contract';
import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { insertRun, requireActive } from './insert-run.ts';

/** What is to be done again of a run. */
export interface RunRetry {
  readonly runId: string;
  readonly now: Date;
  /** Those that failed, and by request also those that were cancelled; or of these, some. */
  readonly customerIds: readonly string[] | 'all';
  /** By itself, and not because somebody asked. */
  readonly automatic: boolean;
  /** The window to send in place of that of the run. */
  readonly windowOf: (window: Window) => Window;
}

/**
 * Inserts a run that does again what failed of another, under the same terms, for customers
 * that the delivery still goes to. What was delivered meanwhile, with a later window or with the same,
 * is not sent again. As `Runs.retry` promises.
 */
export async function insertRetry(
  trx: Db,
  retry: RunRetry,
  customersOf: (deliveryId: string) => Promise<readonly string[]>,
): Promise<string> {
  const { runId } = retry;
  const run = await trx
    .selectFrom('runs')
    .select(['delivery_id', 'terms', 'retries'])
    .where('id', '=', runId)
    .executeTakeFirst();
  if (!run) throw new CausewayError('not_found', { kind: 'run', id: runId });
  await requireActive(trx, run.delivery_id);
  const wanted = await missedParts(trx, retry);
  const audience = new Set(await customersOf(run.delivery_id));
  const windows = new Map(
    wanted
      .filter(({ customerId }) => audience.has(customerId))
      .map(({ customerId, window }) => [customerId, retry.windowOf(window)]),
  );
  if (windows.size === 0) throw new CausewayError('nothing_to_retry', { runId });
  return insertRun(trx, {
    deliveryId: run.delivery_id,
    terms: run.terms,
    now: retry.now,
    customerIds: [...windows.keys()],
    planWindow: (_last, customerId) => windows.get(customerId) ?? missing(customerId),
    retryOf: { runId, retries: retry.automatic ? run.retries + 1 : 0 },
  });
}

/** The parts of a run that were not delivered, and that nothing delivered since has overtaken. */
async function missedParts(
  trx: Db,
  { runId, customerIds, automatic }: RunRetry,
): Promise<readonly { readonly customerId: string; readonly window: Window }[]> {
  const states = automatic ? ['failed'] : ['failed', 'cancelled'];
  const { rows } = await sql<{ customer_id: string; window_from: string; window_to: string }>`
    select customer_id, window_from, window_to from causeway.run_recipients as missed
    where run_id = ${runId} and state = any(${states}::text[])
      and (${customerIds === 'all'} or customer_id = any(${customerIds === 'all' ? [] : customerIds}::text[]))
      and not exists (
        select from causeway.run_recipients as later
        where later.delivery_id = missed.delivery_id and later.customer_id = missed.customer_id
          and later.state = 'delivered'
          and later.ended_at > coalesce(missed.ended_at, '-infinity')
          and (later.window_from is null or later.window_from < missed.window_to)
          and (missed.window_from is null or missed.window_from < later.window_to)
      )
    order by position
  `.execute(trx);
  return rows.map((row) => ({
    customerId: row.customer_id,
    window: { from: row.window_from, to: row.window_to },
  }));
}

function missing(customerId: string): never {
  throw new Error(`Cannot plan the window of "${customerId}", which was not asked for`);
}
