import {
  CausewayError,
  type Customer,
  type CustomerCreate,
  newId,
  type Page,
} from '@causeway/contract';
import type { Selectable } from 'kysely';
import type { Database, Db } from './database.ts';
import { type PageRequest, pageStart, toPage } from './page.ts';

export interface Customers {
  /** @throws CausewayError `conflict` when the reference is taken. */
  create(input: CustomerCreate): Promise<Customer>;
  /** @throws CausewayError `not_found`. */
  get(id: string): Promise<Customer>;
  /** Newest first. */
  list(request: PageRequest): Promise<Page<Customer>>;
}

export function customers(db: Db): Customers {
  return {
    async create(input) {
      const row = {
        id: newId('customer'),
        name: input.name,
        reference: input.reference,
        properties: JSON.stringify(input.properties),
        created_at: new Date().toISOString(),
      };
      const insert = db.insertInto('customers').values(row);
      const made = await insert
        .onConflict((conflict) => conflict.column('reference').doNothing())
        .returningAll()
        .executeTakeFirst();
      if (made) return toCustomer(made);
      throw new CausewayError('conflict', {
        kind: 'customer',
        field: 'reference',
        value: input.reference,
        ...(await existingId(db, input.reference)),
      });
    },
    async get(id) {
      const query = db.selectFrom('customers').selectAll().where('id', '=', id);
      const row = await query.executeTakeFirst();
      if (!row) throw new CausewayError('not_found', { kind: 'customer', id });
      return toCustomer(row);
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

async function existingId(db: Db, reference: string): Promise<{ existingId?: string }> {
  const query = db.selectFrom('customers').select('id').where('reference', '=', reference);
  const row = await query.executeTakeFirst();
  return row ? { existingId: row.id } : {};
}

function toCustomer(row: Selectable<Database['customers']>): Customer {
  const { id, name, reference, properties } = row;
  return { id, name, reference, properties, createdAt: row.created_at };
}
