import { compareUtf8 } from '../state/compare-utf8.ts';

/** What a listing is asked for: keys under a prefix, rolled up at a delimiter unless that is empty. */
interface Listed {
  readonly prefix: string;
  readonly delimiter: string;
}

/** The highest character there is: a prefix followed by it sorts after all that starts with the prefix. */
const highest = '\u{10ffff}';

/** What a key is rolled up into; null when it stands for itself. */
export function commonPrefix(key: string, { prefix, delimiter }: Listed): string | null {
  if (delimiter === '') return null;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? null : key.slice(0, at + delimiter.length);
}

/** Where the keys behind a common prefix start. */
export function behindPrefix(common: string): string {
  return `${common}${highest}`;
}

/** Where a listing starts that leaves out keys and common prefixes up to and including `after`. */
export function firstAfter(after: string, { prefix, delimiter }: Listed): string {
  if (after === '' || compareUtf8(after, prefix) < 0) return prefix;
  const isCommonPrefix = delimiter !== '' && after.startsWith(prefix) && after.endsWith(delimiter);
  return isCommonPrefix ? behindPrefix(after) : `${after}\0`;
}
