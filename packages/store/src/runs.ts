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
  /** Asked for each customer when nobody else can make a run for it any more. */
  readonly planWindow: (lastDelivered: Window | null, customerId: string) => Window;
}

export interface LastDelivered {
  readonly runId: string;
  readonly sequence: number;
  readonly window: Window;
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
  /**
   * The delivery to this customer whose window ends last: where the next begins. An
   * older window that was sent since changes nothing of that.
   */
  lastDelivered(deliveryId: string, customerId: string): Promise<LastDelivered | null>;
  /** The run that delivered this very window to this customer. */
  isDelivered(deliveryId: string, customerId: string, window: Window): Promise<string | null>;
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
    async lastDelivered(deliveryId, customerId) {
      const row = await delivered(db, deliveryId, customerId)
        .select(['run_id', 'sequence', 'window_from', 'window_to'])
        .orderBy('window_to', 'desc')
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (!row) return null;
      const window = { from: row.window_from, to: row.window_to };
      return { runId: row.run_id, sequence: row.sequence ?? 0, window };
    },
    async isDelivered(deliveryId, customerId, window) {
      const row = await delivered(db, deliveryId, customerId)
        .select('run_id')
        .where('window_to', '=', window.to)
        .where('window_from', 'is not distinct from', window.from)
        .limit(1)
        .executeTakeFirst();
      return row?.run_id ?? null;
    },
  };
}

function delivered(db: Db, deliveryId: string, customerId: string) {
  return db
    .selectFrom('run_recipients')
    .where('delivery_id', '=', deliveryId)
    .where('customer_id', '=', customerId)
    .where('state', '=', 'delivered');
}
