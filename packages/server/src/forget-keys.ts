import {
  CausewayError,
  type Customer,
  type Dataset,
  type KeysForgotten,
  type KeysToForget,
} from '@causeway/contract';
import type { Store } from '@causeway/store';
import type { InputIssue } from './input-issues.ts';
import { type JsonText, keyValueReader } from './key-values.ts';

/** How many things that are wrong are told at once. */
const mostIssues = 20;

/**
 * Keeps primary keys that those who got a dataset are to forget: all, or none.
 *
 * @throws CausewayError `not_found`; `invalid_request` for keys that are none of the dataset's.
 */
export async function forgetKeys(
  { id, keys, customerId }: KeysToForget & { readonly id: string },
  { datasets, customers }: Pick<Store, 'datasets' | 'customers'>,
): Promise<KeysForgotten> {
  const dataset = await datasets.get(id);
  refuseUnaddressed(dataset, customerId);
  const customer = customerId === null ? null : await customers.get(customerId);
  const toLine = keyReader(dataset, customer);
  const issues: InputIssue[] = [];
  const lines = new Set<string>();
  for (const [index, key] of keys.entries()) {
    const read = toLine(key, `keys.${index}`);
    if (typeof read === 'string') lines.add(read);
    else issues.push(...read);
    if (issues.length >= mostIssues) break;
  }
  if (issues.length > 0) {
    throw new CausewayError('invalid_request', { issues: issues.slice(0, mostIssues) });
  }
  const bytes = Buffer.from([...lines].map((line) => `${line}\n`).join(''));
  return datasets.forgetKeys({ datasetId: id, customerId, keys: lines.size, lines: bytes });
}

function refuseUnaddressed(
  { name, primaryKey, customerColumn }: Dataset,
  customerId: string | null,
) {
  const issues: InputIssue[] = [];
  if (primaryKey.length === 0) {
    issues.push({ path: 'keys', message: `cannot be of dataset "${name}": it has no primary key` });
  }
  if (customerColumn !== null && customerId === null) {
    const message = `must be given: rows of dataset "${name}" are one customer's each, and their keys are told to nobody else`;
    issues.push({ path: 'customerId', message });
  }
  if (issues.length > 0) throw new CausewayError('invalid_request', { issues });
}

/** Writes a key as a line of JSON that DuckDB reads as that very key, or says what is wrong with it. */
function keyReader(dataset: Dataset, customer: Customer | null) {
  const types = new Map(dataset.schema.map(({ name, type }) => [name, type]));
  const readers = new Map(
    dataset.primaryKey.map((name) => [name, keyValueReader(types.get(name) ?? '')]),
  );
  return (key: Readonly<Record<string, unknown>>, path: string): string | InputIssue[] => {
    const issues: InputIssue[] = [];
    const texts = new Map<string, JsonText>();
    for (const [name, read] of readers) {
      const issue = (message: string) => issues.push({ path: `${path}.${name}`, message });
      if (!Object.hasOwn(key, name)) {
        issue('is missing');
        continue;
      }
      const value = read(key[name]);
      if ('issue' in value) issue(value.issue);
      else if (isAnothers(name, key[name])) issue("must be the customer's own reference");
      else texts.set(name, value);
    }
    for (const name of Object.keys(key)) {
      if (readers.has(name)) continue;
      const at = `${path}.${name.slice(0, 100)}`;
      issues.push({ path: at, message: 'is no column of the primary key' });
    }
    if (issues.length > 0) return issues;
    const members = Array.from(texts, ([name, { json }]) => `${JSON.stringify(name)}:${json}`);
    return `{${members.join(',')}}`;
  };

  /** A key that has the customer column tells by itself whose row it is. */
  function isAnothers(name: string, value: unknown): boolean {
    return name === dataset.customerColumn && String(value) !== customer?.reference;
  }
}
