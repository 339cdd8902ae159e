import { compareUtf8 } from '../state/compare-utf8.ts';
import type { Table } from '../state/table.ts';

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

/** The highest character there is: a prefix followed by it sorts after all that starts with the prefix. */
const highest = '\u{10ffff}';

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
  let from: string | null = firstAfter(query);
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
        from = `${common}${highest}`;
        break;
      }
      const record = table.get(name);
      if (record !== undefined) entries.push({ key, record });
      last = key;
    }
  }
  return { entries, commonPrefixes, next: null };
}

function firstAfter({ prefix, delimiter, after }: ListQuery): string {
  if (after === '' || compareUtf8(after, prefix) < 0) return prefix;
  const isCommonPrefix = delimiter !== '' && after.startsWith(prefix) && after.endsWith(delimiter);
  return isCommonPrefix ? `${after}${highest}` : `${after}\0`;
}

function commonPrefix(key: string, { prefix, delimiter }: ListQuery): string | null {
  if (delimiter === '') return null;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? null : key.slice(0, at + delimiter.length);
}
