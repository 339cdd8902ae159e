import { CausewayError, type Customer, type CustomerLine } from '@causeway/contract';
import { sql } from 'kysely';
import type { Customers } from './customers.ts';
import type { Db } from './database.ts';
import { withSavepoint } from './savepoint.ts';

/** What became of one line. */
export type LineOutcome =
  | { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly customer: Customer }
  | { readonly outcome: 'refused'; readonly error: CausewayError };

/** A line that could be read, or why not. */
export type ReadLine = CustomerLine | CausewayError;

/** Advisory locks are numbers; the other half of this one names no customer. */
const importLock = 0x63_77_04;

/**
 * Creates and changes customers line by line, in one transaction: each line as a whole or
 * not at all, whatever becomes of the others. In a dry run everything is undone at the end.
 *
 * Imports wait for each other: two with the same customers in another order would each
 * hold what the other needs.
 */
export async function importLines(
  trx: Db,
  customers: Pick<Customers, 'create' | 'update'>,
  lines: readonly ReadLine[],
  { dryRun }: { readonly dryRun: boolean },
): Promise<LineOutcome[]> {
  await sql`select pg_advisory_xact_lock(${importLock}, 0)`.execute(trx);
  const outcomes: LineOutcome[] = [];
  const importAll = async () => {
    for (const line of lines) outcomes.push(await importLine(trx, customers, line));
    if (dryRun) throw new DryRunEnded();
  };
  await withSavepoint(trx, importAll).catch((error: unknown) => {
    if (!(error instanceof DryRunEnded)) throw error;
  });
  return outcomes;
}

class DryRunEnded extends Error {}

async function importLine(
  trx: Db,
  customers: Pick<Customers, 'create' | 'update'>,
  line: ReadLine,
): Promise<LineOutcome> {
  if (CausewayError.is(line)) return { outcome: 'refused', error: line };
  try {
    return await withSavepoint(trx, () => put(trx, customers, line));
  } catch (error) {
    if (!CausewayError.is(error)) throw error;
    return { outcome: 'refused', error };
  }
}

async function put(
  trx: Db,
  customers: Pick<Customers, 'create' | 'update'>,
  { reference, name, properties }: CustomerLine,
): Promise<LineOutcome> {
  const query = trx.selectFrom('customers').select('id').where('reference', '=', reference);
  const found = await query.executeTakeFirst();
  if (found) {
    const { customer, changed } = await customers.update(found.id, () => ({ name, properties }));
    return { outcome: changed ? 'updated' : 'unchanged', customer };
  }
  if (name === undefined) {
    const issues = [{ path: 'name', message: 'is missing, and there is no such customer yet' }];
    throw new CausewayError('invalid_request', { issues });
  }
  const customer = await customers.create({ reference, name, properties });
  return { outcome: 'created', customer };
}
