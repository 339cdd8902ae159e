/**
 * JSON with one spelling: members sorted by name, no white space. What is signed
 * must not change when a receiver parses and prints it again.
 *
 * For values that come from JSON this is the JSON Canonicalization Scheme, RFC 8785, which
 * writes numbers and texts as ECMAScript does and sorts names by their UTF-16 units.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join()}}`;
}
