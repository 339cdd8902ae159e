import { DeliveryTerms, sentKey } from '@causeway/contract';
import { sql } from 'kysely';
import { type Db, inTransaction } from '../database.ts';
import { standingDeliveries } from './standing-deliveries.ts';

export interface RemovedKeys {
  readonly datasetId: string;
  /** How many keys, of how many requests. */
  readonly keys: number;
  readonly requests: number;
}

/**
 * The end of keys that were to be forgotten, since they may name the very people who asked for it:
 * days after they were asked for, and never before everybody was told who is to be. That there was a
 * request, when, of how many keys and for whom, stays.
 *
 * - Each delivery of the dataset that was not ended for good has to have told them to each of its customers
 *   who got something of it, also while it is paused. Who is no longer one of its customers is not waited for.
 * - A delivery that leaves out a part of the key tells none, and keeps none back.
 * - No run that is not at its end may be about to tell them.
 */
export interface ForgottenRetention {
  /** Removes those of one dataset that may go; null when none may. */
  removeNext(keptDays: number): Promise<RemovedKeys | null>;
}

export function forgottenRetention(db: Db): ForgottenRetention {
  return {
    async removeNext(keptDays) {
      const { rows } = await sql<{ dataset_id: string }>`
        select distinct dataset_id from causeway.forgotten_keys where ${isOver(keptDays)}
        order by dataset_id
      `.execute(db);
      for (const { dataset_id: datasetId } of rows) {
        const removed = await inTransaction(db, (trx) => remove(trx, datasetId, keptDays));
        if (removed) return removed;
      }
      return null;
    },
  };
}

/** A request whose keys are gone has no lines. */
function isOver(keptDays: number) {
  return sql<boolean>`
    length(lines) > 0 and requested_at <= clock_timestamp() - make_interval(days => ${keptDays})
  `;
}

async function remove(trx: Db, datasetId: string, keptDays: number): Promise<RemovedKeys | null> {
  const owed = await owedNumbers(trx, datasetId);
  const { rows } = await sql<{ keys: number }>`
    update causeway.forgotten_keys set lines = ''
    where dataset_id = ${datasetId} and ${isOver(keptDays)} and number <> all(${owed}::integer[])
    returning keys
  `.execute(trx);
  if (rows.length === 0) return null;
  const keys = rows.reduce((sum, row) => sum + row.keys, 0);
  return { datasetId, keys, requests: rows.length };
}

/** The requests that somebody has still to be told of. */
async function owedNumbers(trx: Db, datasetId: string): Promise<number[]> {
  const dataset = await trx
    .selectFrom('datasets')
    .select('primary_key')
    .where('id', '=', datasetId)
    .executeTakeFirstOrThrow();
  const owed = new Set<number>();
  for (const { delivery, customerIds } of await standingDeliveries(trx, datasetId)) {
    const { columns } = DeliveryTerms.parse(delivery);
    if (sentKey(dataset.primary_key, columns).length === 0) continue;
    const { id } = delivery;
    for (const number of await untold(trx, { id, datasetId, customerIds })) owed.add(number);
  }
  for (const number of await beingTold(trx, datasetId)) owed.add(number);
  return [...owed];
}

async function untold(
  trx: Db,
  delivery: {
    readonly id: string;
    readonly datasetId: string;
    readonly customerIds: readonly string[];
  },
): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`
    select distinct request.number
    from (
      select customer_id, max(forgets_to) as number from causeway.run_recipients
      where delivery_id = ${delivery.id} and state = 'delivered'
        and customer_id = any(${delivery.customerIds}::text[])
      group by customer_id
    ) as told
    join causeway.forgotten_keys as request on request.dataset_id = ${delivery.datasetId}
      and (request.customer_id is null or request.customer_id = told.customer_id)
      and request.number > told.number
  `.execute(trx);
  return rows.map(({ number }) => number);
}

async function beingTold(trx: Db, datasetId: string): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`
    select distinct request.number
    from causeway.deliveries
    join causeway.run_recipients as recipient on recipient.delivery_id = deliveries.id
      and recipient.state in ('planned', 'preparing', 'prepared', 'committing')
    join causeway.forgotten_keys as request on request.dataset_id = deliveries.dataset_id
      and request.number > recipient.forgets_after and request.number <= recipient.forgets_to
    where deliveries.dataset_id = ${datasetId}
  `.execute(trx);
  return rows.map(({ number }) => number);
}
