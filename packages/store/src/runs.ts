import {
  type Actor,
  CausewayError,
  type DeliveryTerms,
  newId,
  type Page,
  type Run,
  type Window,
} from '@causeway/contract';
import { sql } from 'kysely';
import { type Db, inTransaction } from './database.ts';
import { type PageRequest, pageStart, toPage } from './page.ts';
import { tellRunChanged } from './run-channel.ts';
import { tellRunCreated } from './run-events.ts';
import { readRuns } from './run-rows.ts';

export interface NewRun {
  readonly deliveryId: string;
  readonly terms: DeliveryTerms;
  readonly now: Date;
  readonly windows: readonly { readonly customerId: string; readonly window: Window }[];
}

export interface LastDelivered {
  readonly runId: string;
  readonly sequence: number;
  readonly window: Window;
}

export interface Runs {
  /**
   * Makes a run and the job that works on it, or neither.
   *
   * @throws CausewayError `not_found` (the delivery); `run_in_progress` when a run of
   * it is not finished.
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

/** The run that was in the way may end between two looks; more often than this is a bug. */
const mostLooks = 10;

export function runs(db: Db, sendJob: SendRunJob, actor: Actor): Runs {
  return {
    create: (run) =>
      inTransaction(db, async (trx) => {
        const id = newId('run', run.now.getTime());
        await insertRun(trx, id, run);
        await insertRecipients(trx, id, run);
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

/** The unique index over unfinished runs decides between two that come at once. */
async function insertRun(trx: Db, id: string, run: NewRun): Promise<void> {
  const { deliveryId, terms, now } = run;
  const delivery = trx.selectFrom('deliveries').select('id').where('id', '=', deliveryId);
  if (!(await delivery.executeTakeFirst())) {
    throw new CausewayError('not_found', { kind: 'delivery', id: deliveryId });
  }
  for (let look = 0; look < mostLooks; look++) {
    const { rows } = await sql`
      insert into causeway.runs (id, delivery_id, state, terms, created_at)
      values (${id}, ${deliveryId}, 'queued', ${JSON.stringify(terms)}, ${now.toISOString()})
      on conflict (delivery_id) where state in ('queued', 'running') do nothing
      returning id
    `.execute(trx);
    if (rows.length > 0) return;
    const query = trx
      .selectFrom('runs')
      .select('id')
      .where('delivery_id', '=', deliveryId)
      .where('state', 'in', ['queued', 'running']);
    const unfinished = await query.executeTakeFirst();
    if (unfinished)
      throw new CausewayError('run_in_progress', { deliveryId, runId: unfinished.id });
  }
  throw new Error(`Cannot insert a run of delivery "${deliveryId}": runs come and go too fast`);
}

async function insertRecipients(trx: Db, runId: string, run: NewRun): Promise<void> {
  // As arrays: ten thousand rows of parameters would near the protocol's limit.
  const customerIds = run.windows.map(({ customerId }) => customerId);
  const from = run.windows.map(({ window }) => window.from);
  const to = run.windows.map(({ window }) => window.to);
  await sql`
    insert into causeway.run_recipients
      (run_id, customer_id, delivery_id, position, state, window_from, window_to)
    select ${runId}, customer_id, ${run.deliveryId}, position, 'planned', window_from, window_to
    from unnest(${customerIds}::text[], ${from}::timestamptz[], ${to}::timestamptz[])
      with ordinality as given (customer_id, window_from, window_to, position)
  `.execute(trx);
}
