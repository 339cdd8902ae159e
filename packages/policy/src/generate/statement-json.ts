import type { JsonPatch } from '../explain/json-patch.ts';
import { jsonPointer } from '../explain/json-patch.ts';

/** A statement as its document has it, with the way to it. */
export interface StatementJson {
  readonly json: Readonly<Record<string, unknown>>;
  readonly steps: readonly (string | number)[];
}

/** The statements of a document that was parsed before: a list, or the one it consists of. */
export function statementsOf(document: unknown): StatementJson[] {
  const statement = memberOf(document, 'Statement');
  const list = Array.isArray(statement) ? statement : [statement];
  return list.map((json: StatementJson['json'], index) => ({
    json,
    steps: Array.isArray(statement) ? ['Statement', index] : ['Statement'],
  }));
}

/** Adds a value to an element that has one or several, or none yet. */
export function addValue(
  { json, steps }: StatementJson,
  element: readonly string[],
  value: string,
): JsonPatch {
  const found = element.reduce(memberOf, json as unknown);
  const path = jsonPointer([...steps, ...element]);
  if (Array.isArray(found)) return [{ op: 'add', path: `${path}/-`, value }];
  if (found !== undefined) return [{ op: 'replace', path, value: [found, value] }];
  const missing = element.findIndex(
    (_, depth) => element.slice(0, depth + 1).reduce(memberOf, json as unknown) === undefined,
  );
  const nested = element
    .slice(missing + 1)
    .reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  return [
    { op: 'add', path: jsonPointer([...steps, ...element.slice(0, missing + 1)]), value: nested },
  ];
}

/** Takes values out of a list; null if they are not in one, or nothing would be left of it. */
export function removeValues(
  { json, steps }: StatementJson,
  element: readonly string[],
  isMeant: (value: string) => boolean,
): JsonPatch | null {
  const found = element.reduce(memberOf, json as unknown);
  if (!Array.isArray(found)) return null;
  const meant = [...found.keys()].filter((index) => isMeant(String(found[index])));
  if (meant.length === 0 || meant.length === found.length) return null;
  // From the end, so that what is before keeps its place.
  return meant
    .toReversed()
    .map((index) => ({ op: 'remove', path: jsonPointer([...steps, ...element, index]) }));
}

/** Adds a statement at the end, or writes the document around it where there is none. */
export function addStatement(document: unknown, statement: object): JsonPatch {
  if (document === null) {
    const value = { Version: '2012-10-17', Statement: [statement] };
    return [{ op: 'add', path: '', value }];
  }
  const found = memberOf(document, 'Statement');
  return Array.isArray(found)
    ? [{ op: 'add', path: '/Statement/-', value: statement }]
    : [{ op: 'replace', path: '/Statement', value: [found, statement] }];
}

/** Puts statements in place of one; null if none is left in the document. */
export function replaceStatement(
  document: unknown,
  index: number,
  by: readonly object[],
): JsonPatch | null {
  const found = memberOf(document, 'Statement');
  if (!Array.isArray(found)) {
    return by.length === 0 ? null : [{ op: 'replace', path: '/Statement', value: by }];
  }
  if (found.length === 1 && by.length === 0) return null;
  const path = `/Statement/${index}`;
  const [first, ...more] = by;
  if (first === undefined) return [{ op: 'remove', path }];
  return [
    { op: 'replace', path, value: first },
    ...more.map(
      (value, at) => ({ op: 'add', path: `/Statement/${index + at + 1}`, value }) as const,
    ),
  ];
}

function memberOf(json: unknown, key: string): unknown {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, key)
    ? (json as Record<string, unknown>)[key]
    : undefined;
}
