import { compareInstants } from '@causeway/contract';
import { sql } from 'kysely';
import { type Db, inTransaction } from '../database.ts';
import { lastWindows } from '../runs/insert-run.ts';
import { type StandingDelivery, standingDeliveries } from './standing-deliveries.ts';

/** Requests whose records go at once: while they do, nobody can push to their dataset. */
const requestsAtOnce = 500;

export interface RemovedRecords {
  readonly datasetId: string;
  readonly records: number;
}

/**
 * The end of pushed records: days after they were received, as their dataset says, and never
 * before everybody has them who is to have them.
 *
 * - Each delivery of the dataset that was not ended for good has to have passed them, for each of its
 *   customers, also while it is paused. Without any delivery nothing is removed.
 * - What a full delivery or a query reads is all of them, so that with one nothing is removed.
 * - No run that is not at its end may be about to read them.
 */
export interface PushRetention {
  /** Removes some of what may go; null when nothing may. */
  removeNext(): Promise<RemovedRecords | null>;
}

export function pushRetention(db: Db): PushRetention {
  return {
    async removeNext() {
      for (const { id, until } of await overdue(db)) {
        const records = await inTransaction(db, (trx) => remove(trx, id, until));
        if (records > 0) return { datasetId: id, records };
      }
      return null;
    },
  };
}

interface Overdue {
  readonly id: string;
  /** What was received before has been kept for as long as was asked for. */
  readonly until: string;
}

async function overdue(db: Db): Promise<readonly Overdue[]> {
  const { rows } = await sql<Overdue>`
    select dataset.id, kept.until
    from causeway.datasets as dataset
    cross join lateral (
      select clock_timestamp()
        - make_interval(days => (dataset.source ->> 'retentionDays')::integer) as until
    ) as kept
    cross join lateral (
      select received_at from causeway.push_batches
      where dataset_id = dataset.id order by received_at limit 1
    ) as first
    where dataset.source ->> 'type' = 'push' and dataset.source ->> 'retentionDays' is not null
      and first.received_at < kept.until
    order by dataset.id
  `.execute(db);
  return rows;
}

/**
 * The head is locked first. Whoever plans a run seals it, and so either waits and learns what
 * was removed, or was there before, with a delivery that is looked at here.
 */
async function remove(trx: Db, datasetId: string, until: string): Promise<number> {
  await trx
    .selectFrom('push_heads')
    .select('dataset_id')
    .where('dataset_id', '=', datasetId)
    .forUpdate()
    .execute();
  const passed = await passedByAll(trx, datasetId);
  if (passed === null) return 0;
  const { rows } = await sql<{ received_at: string; records: number }>`
    delete from causeway.push_batches
    where dataset_id = ${datasetId} and received_at in (
      select received_at from causeway.push_batches
      where dataset_id = ${datasetId} and received_at < least(${until}, ${passed}::timestamptz)
      order by received_at limit ${requestsAtOnce}
    )
    returning received_at, records
  `.execute(trx);
  const last = rows
    .map((row) => row.received_at)
    .toSorted(compareInstants)
    .at(-1);
  if (last === undefined) return 0;
  await sql`
    update causeway.push_heads
    set removed_before = ${last}::timestamptz + interval '1 microsecond'
    where dataset_id = ${datasetId}
  `.execute(trx);
  return rows.reduce((sum, { records }) => sum + records, 0);
}

/** Nobody who is to have what was received before has yet to get it. Null: there is no such time. */
async function passedByAll(trx: Db, datasetId: string): Promise<string | null> {
  if (await isReadByQuery(trx, datasetId)) return null;
  const passed: (string | null)[] = [];
  for (const standing of await standingDeliveries(trx, datasetId)) {
    passed.push(await passedBy(trx, standing));
  }
  const times = passed.filter((time) => time !== null);
  if (times.length < passed.length) return null;
  return times.toSorted(compareInstants)[0] ?? null;
}

async function passedBy(
  trx: Db,
  { delivery, customerIds }: StandingDelivery,
): Promise<string | null> {
  if (delivery.mode === 'full') return null;
  const last = await lastWindows(trx, delivery.id, customerIds);
  const reading = await sql<{ window_from: string | null }>`
    select window_from from causeway.run_recipients
    where delivery_id = ${delivery.id}
      and state in ('planned', 'preparing', 'prepared', 'committing')
  `.execute(trx);
  const times = [
    ...customerIds.map((id) => last.get(id)?.to ?? delivery.startsAt),
    ...reading.rows.map((row) => row.window_from),
  ];
  if (times.includes(null)) return null;
  return times.filter((time) => time !== null).toSorted(compareInstants)[0] ?? delivery.startsAt;
}

async function isReadByQuery(trx: Db, datasetId: string): Promise<boolean> {
  const { rows } = await sql`
    select from causeway.datasets
    where source ->> 'type' = 'sql' and exists (
      select from json_each_text(source -> 'datasets') as named where named.value = ${datasetId}
    ) limit 1
  `.execute(trx);
  return rows.length > 0;
}
