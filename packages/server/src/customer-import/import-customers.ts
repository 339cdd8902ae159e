import type { Customer, CustomerImport, ImportedLine } from '@causeway/contract';
import type { LineOutcome, Records } from '@causeway/store';
import { type NumberedLine, readCustomerLines } from './read-customer-lines.ts';

export interface ImportCustomersDeps {
  readonly customers: Records['customers'];
  /** Throws CausewayError for properties that cannot be used. */
  readonly checkProperties: (properties: Customer['properties']) => void;
}

/**
 * Creates and changes the customers that a CSV file tells of, and says what became of
 * each line.
 *
 * @throws CausewayError `csv_not_readable`, `too_many_lines`: then nothing was changed.
 */
export async function importCustomers(
  { bytes, dryRun }: { readonly bytes: Uint8Array; readonly dryRun: boolean },
  { customers, checkProperties }: ImportCustomersDeps,
): Promise<CustomerImport> {
  const lines = readCustomerLines(bytes, checkProperties);
  const outcomes = await customers.import(
    lines.map(({ read }) => read),
    { dryRun },
  );
  const told = outcomes.map((outcome, i) => tell(lines[i], outcome, dryRun));
  const count = (wanted: ImportedLine['outcome']) =>
    told.filter(({ outcome }) => outcome === wanted).length;
  return {
    dryRun,
    created: count('created'),
    updated: count('updated'),
    unchanged: count('unchanged'),
    refused: count('refused'),
    lines: told,
  };
}

function tell(line: NumberedLine | undefined, made: LineOutcome, dryRun: boolean): ImportedLine {
  const { outcome } = made;
  const place = { line: line?.line ?? 0, reference: line?.reference ?? null, outcome };
  if (made.outcome === 'refused') {
    const { code, message, hint } = made.error;
    return { ...place, customerId: null, error: { code, message, hint } };
  }
  // One that a dry run has made is gone again.
  const isGone = dryRun && made.outcome === 'created';
  return { ...place, customerId: isGone ? null : made.customer.id, error: null };
}
