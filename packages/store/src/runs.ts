import {
  type Actor,
  CausewayError,
  type DeliveryTerms,
  type Page,
  type Run,
  type Window,
} from '@causeway/contract';
import { type Db, inTransaction } from './database.ts';
import { insertRun } from './insert-run.ts';
import { type PageRequest, pageStart, toPage } from './page.ts';
import { tellRunChanged } from './run-channel.ts';
import { tellRunCreated } from './run-events.ts';
import { readRuns } from './run-rows.ts';

export interface NewRun {
  readonly deliveryId: string;
  readonly terms: DeliveryTerms;
  readonly now: Date;
  readonly customerIds: readonly string[];
  /**
   * Asked for each customer when nobody else can make a run for it any more, with the window
   * of the delivery to it that ends last. An older one that was sent since changes nothing of that.
   */
  readonly planWindow: (lastDelivered: Window | null, customerId: string) => Window;
}

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
   * While a recipient is being prepared, its bytes are those uploaded so far.
   *
   * @throws CausewayError `not_found`.
   */
  get(id: string): Promise<Run>;
  /** Newest first. */
  list(request: PageRequest & { readonly deliveryId?: string | undefined }): Promise<Page<Run>>;
}

/** Puts the job "work on this run" into the queue, in the transaction given. */
export type SendRunJob = (trx: Db, runId: string) => Promise<void>;

export function runs(db: Db, sendJob: SendRunJob, actor: Actor): Runs {
  return {
    create: (run) =>
      inTransaction(db, async (trx) => {
        const id = await insertRun(trx, run);
        await sendJob(trx, id);
        await tellRunChanged(trx, id);
        const made = await runs(trx, sendJob, actor).get(id);
        await tellRunCreated(trx, made, actor);
        return made;
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
      const page = toPage(await query.limit(request.limit + 1).execute(), request.limit);
      const ids = page.items.map(({ id }) => id);
      return { items: await readRuns(db, ids), nextCursor: page.nextCursor };
    },
  };
}
