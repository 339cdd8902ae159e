import type { Table } from '../state/table.ts';
import { behindPrefix, commonPrefix, firstAfter } from './common-prefix.ts';

/** One page of a listing. */
export interface ListPage<T> {
  readonly entries: readonly { readonly key: string; readonly record: T }[];
  /** Everything up to a delimiter, once. */
  readonly commonPrefixes: readonly string[];
  /** The last entry or common prefix of this page when more follow; null when it is the last page. */
  readonly next: string | null;
}

export interface ListQuery {
  readonly prefix: string;
  readonly delimiter: string;
  /** Entries and common prefixes up to and including this are left out. */
  readonly after: string;
  readonly limit: number;
}

/**
 * Reads one page of the keys of `bucket`, in UTF-8 order. What lies under one
 * common prefix is stepped over at once, so the cost is that of the page.
 */
export function listPage<T>(table: Table<T>, bucket: string, query: ListQuery): ListPage<T> {
  const start = `${bucket}/`;
  const scope = `${start}${query.prefix}`;
  const entries: { key: string; record: T }[] = [];
  const commonPrefixes: string[] = [];
  let last: string | null = null;
  let from: string | null = firstAfter(query.after, query);
  while (from !== null) {
    const names: Generator<string> = table.keysFrom(`${start}${from}`);
    from = null;
    for (const name of names) {
      if (!name.startsWith(scope)) break;
      if (entries.length + commonPrefixes.length === query.limit) {
        return { entries, commonPrefixes, next: last };
      }
      const key = name.slice(start.length);
      const common = commonPrefix(key, query);
      if (common !== null) {
        commonPrefixes.push(common);
        last = common;
        from = behindPrefix(common);
        break;
      }
      const record = table.get(name);
      if (record !== undefined) entries.push({ key, record });
      last = key;
    }
  }
  return { entries, commonPrefixes, next: null };
}
