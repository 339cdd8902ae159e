import {
  type Actor,
  CausewayError,
  type CustomerRule,
  type Delivery,
  type DeliveryQuery,
  DeliveryTerms,
  type Page,
} from '@causeway/contract';
import { sql } from 'kysely';
import { type Db, inTransaction } from '../database.ts';
import { recordEvents } from '../events/events.ts';
import { type PageRequest, pageStart, toPage } from '../page.ts';
import { askToOverwrite } from './ask-to-overwrite.ts';
import { deliveryChanged, deliveryCreated } from './delivery-events.ts';

export interface Deliveries {
  /**
   * Inserts a delivery with its customers, or nothing.
   *
   * @throws CausewayError `not_found` (the dataset, or the first customer that does not
   * exist); `invalid_request` when a customer is named twice.
   */
  insert(delivery: Delivery): Promise<Delivery>;
  /**
   * Changes a delivery, with nobody else changing it meanwhile and no run of it being made.
   *
   * @throws CausewayError as {@link insert}, or what `change` throws.
   */
  update(id: string, change: (delivery: Delivery) => Delivery): Promise<Delivery>;
  /** @throws CausewayError `not_found`. */
  get(id: string): Promise<Delivery>;
  /** Newest first; those that are archived only when asked for. */
  list(request: PageRequest & DeliveryQuery): Promise<Page<Delivery>>;
  /**
   * The customers that it goes to now: those of its list in that order, or those that its
   * rule fits. Of the latter only who has a connection to deliver by that is neither
   * still being set up nor paused: the others have nothing to be served by yet.
   */
  customersOf(delivery: Pick<Delivery, 'customerIds' | 'customerRule'>): Promise<readonly string[]>;
}

/** Every change is told of by events, which name the actor that the records belong to. */
export function deliveries(db: Db, actor: Actor): Deliveries {
  return {
    insert: (delivery) =>
      inTransaction(db, async (trx) => {
        await requireDataset(trx, delivery.datasetId);
        await trx
          .insertInto('deliveries')
          .values({
            id: delivery.id,
            dataset_id: delivery.datasetId,
            created_at: delivery.createdAt,
            ...changeable(delivery),
          })
          .execute();
        await replaceCustomers(trx, delivery);
        await askCustomers(trx, delivery, actor);
        await recordEvents(trx, [deliveryCreated(delivery, actor)]);
        return deliveries(trx, actor).get(delivery.id);
      }),
    update: (id, change) =>
      inTransaction(db, async (trx) => {
        const row = await select(trx).where('id', '=', id).forUpdate().executeTakeFirst();
        if (!row) throw new CausewayError('not_found', { kind: 'delivery', id });
        const before = toDelivery(row);
        const after = change(before);
        const audience = ({ customerIds, customerRule }: Delivery) =>
          JSON.stringify([customerIds, customerRule]);
        const isOtherAudience = audience(before) !== audience(after);
        await trx
          .updateTable('deliveries')
          // Who has just been added has nothing of the version that the others have.
          .set({
            ...changeable(after),
            ...(isOtherAudience && { seen_version: null, begun_until: null }),
          })
          .where('id', '=', id)
          .execute();
        if (isOtherAudience) await replaceCustomers(trx, after);
        await askCustomers(trx, after, actor);
        await recordEvents(trx, deliveryChanged(before, after, actor));
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
      if (request.archived !== true) query = query.where('status', '!=', 'archived');
      const rows = await query.limit(request.limit + 1).execute();
      return toPage(rows.map(toDelivery), request.limit);
    },
    async customersOf({ customerIds, customerRule }) {
      return customerRule === null ? customerIds : customersByRule(db, customerRule);
    },
  };
}

function select(db: Db) {
  return db.selectFrom('deliveries').select([
    'id',
    'name',
    'dataset_id as datasetId',
    'terms',
    'customer_rule as customerRule',
    'status',
    'schedule',
    'next_run_at as nextRunAt',
    'starts_at as startsAt',
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
function toDelivery(row: Row): Delivery {
  const { id, name, datasetId, customerIds, customerRule, terms, createdAt } = row;
  const { status, schedule, nextRunAt, startsAt } = row;
  return {
    id,
    name,
    datasetId,
    customerIds,
    customerRule,
    status,
    schedule,
    nextRunAt: status === 'active' ? nextRunAt : null,
    startsAt,
    ...DeliveryTerms.parse(terms),
    createdAt,
  };
}

/** The columns of what may be changed later. */
function changeable(delivery: Delivery) {
  const { name, customerRule, status, schedule, nextRunAt, startsAt } = delivery;
  return {
    name,
    status,
    terms: JSON.stringify(DeliveryTerms.parse(delivery)),
    customer_rule: customerRule === null ? null : JSON.stringify(customerRule),
    schedule: schedule === null ? null : JSON.stringify(schedule),
    next_run_at: nextRunAt,
    starts_at: startsAt,
  };
}

/** What the delivery needs of its customers beyond the right to write. */
async function askCustomers(trx: Db, delivery: Delivery, actor: Actor): Promise<void> {
  if (delivery.writeMode !== 'overwrite') return;
  const customerIds = await deliveries(trx, actor).customersOf(delivery);
  await askToOverwrite(trx, delivery, customerIds, actor);
}

async function replaceCustomers(trx: Db, { id, customerIds }: Delivery): Promise<void> {
  refuseRepeated(customerIds);
  await requireCustomers(trx, customerIds);
  await trx.deleteFrom('delivery_customers').where('delivery_id', '=', id).execute();
  // As one array: ten thousand rows of parameters would near the protocol's limit.
  await sql`
    insert into causeway.delivery_customers (delivery_id, customer_id, position)
    select ${id}, customer_id, position
    from unnest(${customerIds}::text[]) with ordinality as given (customer_id, position)
  `.execute(trx);
}

async function customersByRule(db: Db, { match, properties }: CustomerRule): Promise<string[]> {
  const wanted = JSON.stringify(properties);
  const fits =
    match === 'all'
      ? sql<boolean>`customers.properties::jsonb @> ${wanted}::jsonb`
      : sql<boolean>`exists (
          select from json_each_text(${wanted}::json) as wanted
          where customers.properties ->> wanted.key = wanted.value
        )`;
  const rows = await db
    .selectFrom('customers')
    .select('id')
    .where(fits)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('connections')
          .select('id')
          .whereRef('customer_id', '=', 'customers.id')
          .where(sql<boolean>`'deliver' = any(capabilities)`)
          .where('bucket', 'is not', null)
          .where('status', 'not in', ['draft', 'paused']),
      ),
    )
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
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
