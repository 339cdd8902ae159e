import { PolicySyntaxError } from './policy-syntax-error.ts';

/** An object of a case, of which only the keys are known yet. */
export type Given = Readonly<Record<string, unknown>>;

/**
 * @param known the keys it may have; null: any.
 * @throws PolicySyntaxError
 */
export function readObject(value: unknown, path: string, known: readonly string[] | null): Given {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(path, `found ${shown(value)}`, 'Give a JSON object');
  }
  const unknown = Object.keys(value).find((key) => known !== null && !known.includes(key));
  if (unknown !== undefined) {
    const place = path === '' ? unknown : `${path}.${unknown}`;
    throw malformed(place, `found the key "${unknown}"`, `Use only ${known?.join(', ')}`);
  }
  return value as Given;
}

/** @throws PolicySyntaxError if there is something else than a list; nothing is an empty one. */
export function items(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw malformed(path, `found ${shown(value)}`, 'Give a list');
}

export function malformed(path: string, found: string, hint: string): PolicySyntaxError {
  return new PolicySyntaxError('the case', { path }, found, hint);
}

export function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value)?.slice(0, 100) ?? 'no JSON');
}
