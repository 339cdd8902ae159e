import {
  type Actor,
  CausewayError,
  type Delivery,
  DeliveryTerms,
  type Page,
} from '@causeway/contract';
import { sql } from 'kysely';
import { type Db, inTransaction } from './database.ts';
import { recordEvent } from './events.ts';
import { type PageRequest, pageStart, toPage } from './page.ts';

export interface Deliveries {
  /**
   * Inserts a delivery with its customers, or nothing.
   *
   * @throws CausewayError `not_found` (the dataset, or the first customer that does not
   * exist); `invalid_request` when a customer is named twice.
   */
  insert(delivery: Delivery): Promise<Delivery>;
  /** @throws CausewayError `not_found`. */
  get(id: string): Promise<Delivery>;
  /** Newest first. */
  list(request: PageRequest): Promise<Page<Delivery>>;
}

export function deliveries(db: Db, actor: Actor): Deliveries {
  return {
    insert: (delivery) =>
      inTransaction(db, async (trx) => {
        refuseRepeated(delivery.customerIds);
        await requireDataset(trx, delivery.datasetId);
        await requireCustomers(trx, delivery.customerIds);
        const { id } = delivery;
        await trx
          .insertInto('deliveries')
          .values({
            id,
            name: delivery.name,
            dataset_id: delivery.datasetId,
            terms: JSON.stringify(DeliveryTerms.parse(delivery)),
            created_at: delivery.createdAt,
          })
          .execute();
        // As one array: ten thousand rows of parameters would near the protocol's limit.
        await sql`
          insert into causeway.delivery_customers (delivery_id, customer_id, position)
          select ${id}, customer_id, position
          from unnest(${delivery.customerIds}::text[]) with ordinality as given (customer_id, position)
        `.execute(trx);
        const { name, datasetId } = delivery;
        const after = { name, ...DeliveryTerms.parse(delivery) };
        const about = { deliveryId: id, datasetId };
        await recordEvent(trx, { type: 'delivery.created', actor, ...about, after });
        return deliveries(trx, actor).get(id);
      }),
    async get(id) {
      const row = await select(db).where('id', '=', id).executeTakeFirst();
      if (!row) throw new CausewayError('not_found', { kind: 'delivery', id });
      return toDelivery(row);
    },
    async list(request) {
      const after = pageStart('delivery', request);
      let query = select(db).orderBy('id', 'desc');
      if (after !== null) query = query.where('id', '<', after);
      const rows = await query.limit(request.limit + 1).execute();
      return toPage(rows.map(toDelivery), request.limit);
    },
  };
}

function select(db: Db) {
  return db.selectFrom('deliveries').select([
    'id',
    'name',
    'dataset_id as datasetId',
    'terms',
    'created_at as createdAt',
    sql<string[]>`array(
      select customer_id::text from causeway.delivery_customers
      where delivery_id = deliveries.id order by position
    )`.as('customerIds'),
  ]);
}

interface Row extends Omit<Delivery, keyof DeliveryTerms> {
  readonly terms: DeliveryTerms;
}

/** Terms kept by an earlier version lack what came later: they get its defaults. */
function toDelivery({ id, name, datasetId, customerIds, terms, createdAt }: Row): Delivery {
  return { id, name, datasetId, customerIds, ...DeliveryTerms.parse(terms), createdAt };
}

function refuseRepeated(ids: readonly string[]): void {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) {
      const message = `names "${id}" more than once`;
      throw new CausewayError('invalid_request', { issues: [{ path: 'customerIds', message }] });
    }
    seen.add(id);
  }
}

async function requireDataset(trx: Db, id: string): Promise<void> {
  const query = trx.selectFrom('datasets').select('id').where('id', '=', id);
  if (await query.executeTakeFirst()) return;
  throw new CausewayError('not_found', { kind: 'dataset', id });
}

async function requireCustomers(trx: Db, ids: readonly string[]): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select given.id from unnest(${ids}::text[]) with ordinality as given (id, position)
    where not exists (select from causeway.customers where customers.id = given.id)
    order by position limit 1
  `.execute(trx);
  if (rows[0]) throw new CausewayError('not_found', { kind: 'customer', id: rows[0].id });
}
