import {
  type Actor,
  CausewayError,
  DeliveryTerms,
  type KeysForgotten,
  sentKey,
} from '@causeway/contract';
import type { ForgetRequest, RunJournal } from '@causeway/delivery';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from '../database.ts';
import { recordEvent } from '../events/events.ts';
import { fenced } from '../journal/fenced.ts';

/** Primary keys of a dataset as JSON lines, in the types of its columns. */
export interface KeysRequest {
  readonly datasetId: string;
  /** To whom they are told; null: to all. */
  readonly customerId: string | null;
  readonly keys: number;
  readonly lines: Buffer;
}

/**
 * Requests of a dataset are numbered in the order in which they are committed: its row is locked
 * until then. So a run that sees one sees all before it, and how far it has told them is a number.
 */
export async function keepForgotten(
  trx: Db,
  { datasetId, customerId, keys, lines }: KeysRequest,
  actor: Actor,
): Promise<KeysForgotten> {
  const dataset = await trx
    .selectFrom('datasets')
    .select('id')
    .where('id', '=', datasetId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!dataset) throw new CausewayError('not_found', { kind: 'dataset', id: datasetId });
  const { rows } = await sql<{ requested_at: string }>`
    insert into causeway.forgotten_keys
      (dataset_id, number, customer_id, keys, lines, requested_at)
    select ${datasetId}, 1 + coalesce(max(number), 0), ${customerId}::text, ${keys}::integer,
      ${lines}::bytea, clock_timestamp()
    from causeway.forgotten_keys where dataset_id = ${datasetId}
    returning requested_at
  `.execute(trx);
  const after = { keys };
  await recordEvent(trx, { type: 'dataset.keys_forgotten', actor, datasetId, customerId, after });
  return { datasetId, customerId, keys, requestedAt: rows[0]?.requested_at ?? '' };
}

/**
 * Fixes which requests a run tells each recipient of that nothing is uploaded for yet: those after
 * the last that a delivered run of the same delivery has told, up to the last that there is. What
 * a run has told counts when it is delivered, and with that.
 *
 * Who has had nothing of the delivery has nothing to forget: a first run tells no keys, and those
 * that were asked for before it never are. Nor does a delivery that does not send the whole key.
 */
export async function planForgetting(
  trx: Db,
  { id, delivery_id, terms }: Pick<Selectable<Database['runs']>, 'id' | 'delivery_id' | 'terms'>,
): Promise<void> {
  const dataset = await trx
    .selectFrom('deliveries')
    .innerJoin('datasets', 'datasets.id', 'deliveries.dataset_id')
    .select(['datasets.id', 'datasets.primary_key'])
    .where('deliveries.id', '=', delivery_id)
    .where(
      sql<boolean>`exists (select from causeway.forgotten_keys where dataset_id = datasets.id)`,
    )
    .executeTakeFirst();
  if (!dataset) return;
  const { columns } = DeliveryTerms.parse(terms);
  if (sentKey(dataset.primary_key, columns).length === 0) return;
  await sql`
    update causeway.run_recipients as recipient
    set forgets_after = case when told.ever then told.number else asked.number end,
      forgets_to = asked.number
    from causeway.run_recipients as current
    cross join lateral (
      select max(number) as number from causeway.forgotten_keys
      where dataset_id = ${dataset.id} and length(lines) > 0
        and (customer_id is null or customer_id = current.customer_id)
    ) as asked
    cross join lateral (
      select count(*) > 0 as ever, coalesce(max(forgets_to), 0) as number
      from causeway.run_recipients as earlier
      where earlier.delivery_id = current.delivery_id
        and earlier.customer_id = current.customer_id and earlier.state = 'delivered'
    ) as told
    where current.run_id = ${id} and current.state in ('planned', 'preparing')
      and asked.number is not null
      and recipient.run_id = current.run_id and recipient.customer_id = current.customer_id
  `.execute(trx);
}

/** The part of the journal that is about keys to be forgotten. */
export function forgottenKeysJournal(db: Db): Pick<RunJournal, 'keysToForget'> {
  return {
    keysToForget: (lease, customerId, after) =>
      fenced(db, lease, async (trx) => {
        const { rows } = await sql<ForgetRequest>`
          select request.number, request.lines
          from causeway.run_recipients as current
          join causeway.deliveries on deliveries.id = current.delivery_id
          join causeway.forgotten_keys as request on request.dataset_id = deliveries.dataset_id
            and (request.customer_id is null or request.customer_id = current.customer_id)
          where current.run_id = ${lease.runId} and current.customer_id = ${customerId}
            and request.number > ${after} and request.number <= current.forgets_to
            and length(request.lines) > 0
          order by request.number limit 1
        `.execute(trx);
        return rows[0] ?? null;
      }),
  };
}
