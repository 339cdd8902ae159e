import {
  CausewayError,
  type Customer,
  type CustomerCreate,
  type CustomerLine,
  type CustomerUpdate,
} from '@causeway/contract';
import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { withSavepoint } from '../savepoint.ts';
import { isSameCustomer, mergedCustomer } from './merged-customer.ts';

/** What became of one line. */
export type LineOutcome =
  | { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly customer: Customer }
  | { readonly outcome: 'refused'; readonly error: CausewayError };

/** A line that could be read, or why not. */
export type ReadLine = CustomerLine | CausewayError;

/** What an import does with the customers of its transaction. */
export interface ImportTarget {
  create(input: CustomerCreate): Promise<Customer>;
  update(
    id: string,
    change: (customer: Customer) => CustomerUpdate,
  ): Promise<{ readonly customer: Customer; readonly changed: boolean }>;
  /** Those that there are, by their reference. */
  byReference(references: readonly string[]): Promise<ReadonlyMap<string, Customer>>;
}

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
  target: ImportTarget,
  lines: readonly ReadLine[],
  { dryRun }: { readonly dryRun: boolean },
): Promise<LineOutcome[]> {
  await sql`select pg_advisory_xact_lock(${importLock}, 0)`.execute(trx);
  const references = lines.flatMap((line) => ('reference' in line ? [line.reference] : []));
  const known = await target.byReference(references);
  const outcomes: LineOutcome[] = [];
  const importAll = async () => {
    for (const line of lines) outcomes.push(await importLine(trx, target, known, line));
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
  target: ImportTarget,
  known: ReadonlyMap<string, Customer>,
  line: ReadLine,
): Promise<LineOutcome> {
  if (!('reference' in line)) return { outcome: 'refused', error: line };
  const { reference, name, properties } = line;
  const found = known.get(reference);
  // Most lines of a file that is imported day by day: they cost nothing.
  if (found && isSameCustomer(found, mergedCustomer(found, { name, properties }))) {
    return { outcome: 'unchanged', customer: found };
  }
  try {
    return await withSavepoint(trx, () => put(target, found, line));
  } catch (error) {
    if (!CausewayError.is(error)) throw error;
    return { outcome: 'refused', error };
  }
}

async function put(
  target: ImportTarget,
  found: Customer | undefined,
  { reference, name, properties }: CustomerLine,
): Promise<LineOutcome> {
  if (found) {
    const { customer, changed } = await target.update(found.id, () => ({ name, properties }));
    return { outcome: changed ? 'updated' : 'unchanged', customer };
  }
  if (name === undefined) {
    const issues = [{ path: 'name', message: 'is missing, and there is no such customer yet' }];
    throw new CausewayError('invalid_request', { issues });
  }
  const customer = await target.create({ reference, name, properties });
  return { outcome: 'created', customer };
}
