/**
 * JSON with one spelling: members sorted by name, no white space. What is signed
 * must not change when a receiver parses and prints it again.
 *
 * Covers what manifests hold: strings, whole numbers, booleans, null, lists and
 * objects, which is where RFC 8785 and plain sorting agree.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}
