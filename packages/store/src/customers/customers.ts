import {
  type Actor,
  CausewayError,
  type Customer,
  type CustomerCreate,
  type CustomerUpdate,
  newId,
  type Page,
} from '@causeway/contract';
import { type Selectable, sql } from 'kysely';
import { type Database, type Db, inTransaction } from '../database.ts';
import { recordEvents } from '../events/events.ts';
import { type PageRequest, pageStart, toPage } from '../page.ts';
import { withSavepoint } from '../savepoint.ts';
import { customerCreated, customerUpdated } from './customer-events.ts';
import { importLines, type LineOutcome, type ReadLine } from './customer-import.ts';
import { mergedCustomer } from './merged-customer.ts';

/** Every change is told of by events, which name the actor that the records belong to. */
export interface Customers {
  /** @throws CausewayError `conflict` when the reference is taken. */
  create(input: CustomerCreate): Promise<Customer>;
  /**
   * Changes a customer, with nobody else changing it meanwhile: what is left out stays, and
   * a property that is null is taken away.
   *
   * @throws CausewayError `not_found`, `conflict`, or what `change` throws.
   */
  update(
    id: string,
    change: (customer: Customer) => CustomerUpdate,
  ): Promise<{ readonly customer: Customer; readonly changed: boolean }>;
  /** What becomes of each line, see {@link importLines}; by its reference it names its customer. */
  import(lines: readonly ReadLine[], options: { readonly dryRun: boolean }): Promise<LineOutcome[]>;
  /** @throws CausewayError `not_found`. */
  get(id: string): Promise<Customer>;
  /** Newest first. */
  list(request: PageRequest): Promise<Page<Customer>>;
}

export function customers(db: Db, actor: Actor): Customers {
  return {
    create: (input) => inTransaction(db, (trx) => create(trx, input, actor)),
    update: (id, change) =>
      inTransaction(db, async (trx) => {
        const before = await readForUpdate(trx, id);
        const customer = mergedCustomer(before, change(before));
        const events = customerUpdated(before, customer, actor);
        if (events.length === 0) return { customer, changed: false };
        await write(trx, customer);
        await recordEvents(trx, events);
        return { customer, changed: true };
      }),
    import: (lines, options) =>
      inTransaction(db, async (trx) =>
        importLines(
          trx,
          {
            ...customers(trx, actor),
            byReference: async (references) => {
              const query = trx.selectFrom('customers').selectAll();
              const rows = await query
                .where('reference', '=', sql<string>`any(${references}::text[])`)
                .execute();
              return new Map(rows.map((row) => [row.reference, toCustomer(row)]));
            },
          },
          lines,
          options,
        ),
      ),
    async get(id) {
      const query = db.selectFrom('customers').selectAll().where('id', '=', id);
      return found(id, await query.executeTakeFirst());
    },
    async list(request) {
      const after = pageStart('customer', request);
      let query = db.selectFrom('customers').selectAll().orderBy('id', 'desc');
      if (after !== null) query = query.where('id', '<', after);
      const rows = await query.limit(request.limit + 1).execute();
      return toPage(rows.map(toCustomer), request.limit);
    },
  };
}

async function create(trx: Db, input: CustomerCreate, actor: Actor): Promise<Customer> {
  const row = {
    id: newId('customer'),
    name: input.name,
    reference: input.reference,
    properties: JSON.stringify(input.properties),
    created_at: new Date().toISOString(),
  };
  const insert = trx.insertInto('customers').values(row);
  const made = await insert
    .onConflict((conflict) => conflict.column('reference').doNothing())
    .returningAll()
    .executeTakeFirst();
  if (!made) throw await taken(trx, input.reference);
  const customer = toCustomer(made);
  await recordEvents(trx, [customerCreated(customer, actor)]);
  return customer;
}

async function readForUpdate(trx: Db, id: string): Promise<Customer> {
  const query = trx.selectFrom('customers').selectAll().where('id', '=', id);
  return found(id, await query.forUpdate().executeTakeFirst());
}

/** PostgreSQL's code for a value that another row has. */
const uniqueViolation = '23505';

async function write(trx: Db, customer: Customer): Promise<void> {
  const { id, name, reference, properties } = customer;
  const row = { name, reference, properties: JSON.stringify(properties) };
  const update = trx.updateTable('customers').set(row).where('id', '=', id);
  try {
    await withSavepoint(trx, () => update.execute());
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === uniqueViolation)) throw error;
    throw await taken(trx, reference);
  }
}

async function taken(trx: Db, reference: string): Promise<CausewayError> {
  const query = trx.selectFrom('customers').select('id').where('reference', '=', reference);
  const row = await query.executeTakeFirst();
  return new CausewayError('conflict', {
    kind: 'customer',
    field: 'reference',
    value: reference,
    ...(row && { existingId: row.id }),
  });
}

/** @throws CausewayError `not_found`. */
function found(id: string, row: Selectable<Database['customers']> | undefined): Customer {
  if (!row) throw new CausewayError('not_found', { kind: 'customer', id });
  return toCustomer(row);
}

function toCustomer(row: Selectable<Database['customers']>): Customer {
  const { id, name, reference, properties } = row;
  return { id, name, reference, properties, createdAt: row.created_at };
}
