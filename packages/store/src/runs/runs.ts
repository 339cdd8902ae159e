import { type Actor, CausewayError, type Page, type Run, type RunQuery } from '@causeway/contract';
import { type Db, inTransaction } from '../database.ts';
import { deliveries } from '../deliveries/deliveries.ts';
import { type PageRequest, pageStart, toPage } from '../page.ts';
import { cancelRun } from './cancel-run.ts';
import { endRetries } from './due-retries.ts';
import { insertRun, type NewRun } from './insert-run.ts';
import type { SendRunJob } from './queue.ts';
import { insertRetry, type RunRetry } from './retry-run.ts';
import { tellRunChanged } from './run-channel.ts';
import { tellRunCreated } from './run-events.ts';
import { readRuns } from './run-rows.ts';

export interface Runs {
  /**
   * Makes a run and the job that works on it, or neither. Customers that another run of
   * this delivery is still at work for are left out: no two runs send the same to the
   * same customer at once, and nobody waits for another's slow bucket.
   *
   * @throws CausewayError `not_found` (the delivery); `delivery_not_active`;
   * `run_in_progress` when none of the customers is free.
   */
  create(run: NewRun): Promise<Run>;
  /**
   * Ends a run: at once when no worker has touched it, and else as soon as one has cleared
   * away. Who is being served at that moment, with a delivery that begins to be visible, is
   * served. Asking again changes nothing.
   *
   * @throws CausewayError `not_found`; `run_ended` when it has ended otherwise.
   */
  cancel(id: string): Promise<Run>;
  /** Cancels all runs of a delivery that have not ended, and does nothing of it again by itself. */
  cancelAll(deliveryId: string): Promise<void>;
  /**
   * Makes a run that does again what failed of another.
   *
   * @throws CausewayError `not_found`, `delivery_not_active`, `run_in_progress`;
   * `nothing_to_retry` when nothing failed, or all of it was delivered since.
   */
  retry(retry: RunRetry): Promise<Run>;
  /**
   * While a recipient is being prepared, its bytes are those uploaded so far.
   *
   * @throws CausewayError `not_found`.
   */
  get(id: string): Promise<Run>;
  /** Newest first. */
  list(request: PageRequest & RunQuery): Promise<Page<Run>>;
}

export function runs(db: Db, sendJob: SendRunJob, actor: Actor): Runs {
  const begin = async (trx: Db, id: string) => {
    await sendJob(trx, id);
    await tellRunChanged(trx, id);
    const made = await runs(trx, sendJob, actor).get(id);
    await tellRunCreated(trx, made, actor);
    return made;
  };
  return {
    create: (run) => inTransaction(db, async (trx) => begin(trx, await insertRun(trx, run))),
    retry: (retry) =>
      inTransaction(db, async (trx) => {
        const all = deliveries(trx, actor);
        const customersOf = async (id: string) => all.customersOf(await all.get(id));
        return begin(trx, await insertRetry(trx, retry, customersOf));
      }),
    cancel: (id) =>
      inTransaction(db, async (trx) => {
        await cancelRun(trx, id, actor, sendJob);
        return runs(trx, sendJob, actor).get(id);
      }),
    cancelAll: (deliveryId) =>
      inTransaction(db, async (trx) => {
        const unfinished = await trx
          .selectFrom('runs')
          .select('id')
          .where('delivery_id', '=', deliveryId)
          .where('state', 'in', ['queued', 'running'])
          .orderBy('id')
          .forUpdate()
          .execute();
        for (const { id } of unfinished) await cancelRun(trx, id, actor, sendJob);
        await endRetries(trx, { delivery_id: deliveryId });
      }),
    async get(id) {
      const [run] = await readRuns(db, [id]);
      if (!run) throw new CausewayError('not_found', { kind: 'run', id });
      return run;
    },
    async list(request) {
      const after = pageStart('run', request);
      let query = db.selectFrom('runs').select('id').orderBy('id', 'desc');
      if (after !== null) query = query.where('id', '<', after);
      if (request.deliveryId !== undefined) {
        query = query.where('delivery_id', '=', request.deliveryId);
      }
      if (request.state !== undefined) query = query.where('state', '=', request.state);
      if (request.customerId !== undefined) {
        const theirs = db
          .selectFrom('run_recipients')
          .select('run_id')
          .where('customer_id', '=', request.customerId);
        query = query.where('id', 'in', theirs);
      }
      const page = toPage(await query.limit(request.limit + 1).execute(), request.limit);
      const ids = page.items.map(({ id }) => id);
      return { items: await readRuns(db, ids), nextCursor: page.nextCursor };
    },
  };
}
