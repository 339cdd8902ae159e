import { CausewayError, type DeliveryTerms, newId, type Window } from '@causeway/contract';
import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { type CutAt, cutWindow } from '../datasets/pushed-records.ts';
import { askToOverwrite } from '../deliveries/ask-to-overwrite.ts';

export interface NewRun {
  readonly deliveryId: string;
  readonly terms: DeliveryTerms;
  readonly now: Date;
  readonly customerIds: readonly string[];
  /**
   * Asked for each customer when nobody else can make a run for it any more, with the window
   * of the delivery to it that ends last. An older one that was sent since changes nothing of that.
   * Null leaves the customer out: there is nothing to send.
   */
  readonly planWindow: (lastDelivered: Window | null, customerId: string) => Window | null;
  /** Windows end earlier where so many pushed records of the dataset were received in them. */
  readonly cut?: CutAt;
  /** The run whose failed parts this one does again, and how often that happened by itself. */
  readonly retryOf?: { readonly runId: string; readonly retries: number };
}

/** Thrown when each customer that is free was left out by `NewRun.planWindow`. */
export class NothingToSendError extends Error {
  /** Whether others were not free. */
  readonly someBusy: boolean;

  constructor(someBusy: boolean) {
    super('Cannot make a run: there is nothing to send');
    this.name = 'NothingToSendError';
    this.someBusy = someBusy;
  }
}

interface Planned {
  readonly customerId: string;
  window: Window;
  /** Where its windows so far end. */
  readonly position: string | null;
}

/**
 * Inserts a run with a recipient for each customer that is free, as `Runs.create` promises.
 *
 * The delivery's row is locked first: of those that make a run of it at once, each sees
 * what the one before has made. So whoever is free stays so, and the last delivery to it, which its
 * window begins after, is the last.
 */
export async function insertRun(trx: Db, run: NewRun): Promise<string> {
  const { deliveryId } = run;
  await requireActive(trx, deliveryId);
  const busy = await busyCustomers(trx, run);
  const free = run.customerIds.filter((customerId) => !busy.has(customerId));
  const [blocking] = busy.values();
  if (free.length === 0 && blocking !== undefined) {
    throw new CausewayError('run_in_progress', { deliveryId, runId: blocking });
  }
  const last = await lastWindows(trx, deliveryId, free);
  const planned = free.flatMap((customerId) => {
    const before = last.get(customerId) ?? null;
    const window = run.planWindow(before, customerId);
    return window === null ? [] : [{ customerId, window, position: before?.to ?? null }];
  });
  if (run.cut) await cutWindows(trx, run.cut, planned);
  if (planned.length === 0 && free.length > 0) throw new NothingToSendError(busy.size > 0);
  const id = newId('run', run.now.getTime());
  await insertRow(trx, id, run, planned, [...busy.keys()]);
  await insertRecipients(trx, id, deliveryId, planned);
  await askToOverwrite(trx, run.terms, free);
  await callOffRetries(trx, id);
  return id;
}

/** Most customers share a window: each is looked at once. */
async function cutWindows(trx: Db, at: CutAt, planned: readonly Planned[]): Promise<void> {
  const alike = Map.groupBy(planned, ({ window }) => JSON.stringify(window));
  for (const group of alike.values()) {
    const [first] = group;
    if (!first) continue;
    const window = await cutWindow(trx, at, first.window);
    for (const each of group) each.window = window;
  }
}

/** Locks the delivery's row. @throws CausewayError `not_found`, `delivery_not_active`. */
export async function requireActive(trx: Db, id: string): Promise<void> {
  const delivery = await trx
    .selectFrom('deliveries')
    .select('status')
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!delivery) throw new CausewayError('not_found', { kind: 'delivery', id });
  const { status } = delivery;
  if (status === 'active') return;
  throw new CausewayError('delivery_not_active', { deliveryId: id, status });
}

/** Those that a run is still at work for, in the order given, and which run that is. */
async function busyCustomers(
  trx: Db,
  { deliveryId, customerIds }: NewRun,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ customer_id: string; run_id: string }>`
    select recipient.customer_id, recipient.run_id
    from unnest(${customerIds}::text[]) with ordinality as asked (customer_id, position)
    join causeway.run_recipients as recipient on recipient.customer_id = asked.customer_id
      and recipient.delivery_id = ${deliveryId}
      and recipient.state in ('planned', 'preparing', 'prepared', 'committing')
    order by asked.position
  `.execute(trx);
  return new Map(rows.map((row) => [row.customer_id, row.run_id]));
}

/** The window of each customer's last delivery, see `NewRun.planWindow`. */
export async function lastWindows(
  trx: Db,
  deliveryId: string,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, Window>> {
  const { rows } = await sql<{ customer_id: string; window_from: string; window_to: string }>`
    select last.customer_id, window_from, window_to
    from unnest(${customerIds}::text[]) as asked (customer_id)
    cross join lateral (
      select customer_id, window_from, window_to from causeway.run_recipients
      where delivery_id = ${deliveryId} and customer_id = asked.customer_id
        and state = 'delivered' and not is_backfill
      order by window_to desc, sequence desc limit 1
    ) as last
  `.execute(trx);
  return new Map(
    rows.map((row) => [row.customer_id, { from: row.window_from, to: row.window_to }]),
  );
}

/**
 * Runs are begun in the order of their turns, and a share's next run has its turn right after
 * the one that is being begun, or after the share's own last: a hundred runs for one
 * customer are spread out behind each other, and the first for another comes second.
 */
async function insertRow(
  trx: Db,
  id: string,
  { deliveryId, terms, now, retryOf }: NewRun,
  planned: readonly Planned[],
  leftOut: readonly string[],
): Promise<void> {
  const [only, ...others] = planned;
  const share = only && others.length === 0 ? only.customerId : deliveryId;
  await sql`
    insert into causeway.runs
      (id, delivery_id, state, terms, created_at, left_out, retry_of, retries, share_key, turn)
    values (${id}, ${deliveryId}, 'queued', ${JSON.stringify(terms)}, ${now.toISOString()},
      ${leftOut}, ${retryOf?.runId ?? null}, ${retryOf?.retries ?? 0}, ${share}, 1 + greatest(
        (select max(turn) from causeway.runs where attempt > 0),
        (select max(turn) from causeway.runs where share_key = ${share}), 0))
  `.execute(trx);
}

async function insertRecipients(
  trx: Db,
  runId: string,
  deliveryId: string,
  planned: readonly Planned[],
): Promise<void> {
  // As arrays: ten thousand rows of parameters would near the protocol's limit.
  const customerIds = planned.map(({ customerId }) => customerId);
  const from = planned.map(({ window }) => window.from);
  const to = planned.map(({ window }) => window.to);
  const stand = planned.map(({ position }) => position);
  // What neither begins where the windows so far end, or before, nor ends later, moves nothing:
  // what lies between would never be sent.
  await sql`
    insert into causeway.run_recipients
      (run_id, customer_id, delivery_id, position, state, window_from, window_to, is_backfill)
    select ${runId}, customer_id, ${deliveryId}, position, 'planned', window_from, window_to,
      coalesce(window_from > stand or window_to <= stand, false)
    from unnest(${customerIds}::text[], ${from}::timestamptz[], ${to}::timestamptz[],
        ${stand}::timestamptz[])
      with ordinality as given (customer_id, window_from, window_to, stand, position)
  `.execute(trx);
}

/** What failed before and is sent by this run need not be tried again by itself. */
async function callOffRetries(trx: Db, runId: string): Promise<void> {
  await sql`
    update causeway.run_recipients as missed set retry_at = null
    from causeway.run_recipients as next
    where next.run_id = ${runId} and missed.run_id <> next.run_id
      and missed.delivery_id = next.delivery_id and missed.customer_id = next.customer_id
      and missed.retry_at is not null
      and (next.window_from is null or next.window_from < missed.window_to)
      and (missed.window_from is null or missed.window_from < next.window_to)
  `.execute(trx);
}
