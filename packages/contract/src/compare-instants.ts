/**
 * Which of two moments, ISO 8601 in UTC, is later, to the microsecond, which `Date` cannot hold:
 * below zero if the first is earlier.
 */
export function compareInstants(one: string, other: string): number {
  const [a, b] = [comparable(one), comparable(other)];
  return a < b ? -1 : Number(a > b);
}

function comparable(instant: string): string {
  return instant.replace(/(?:\.(\d+))?Z$/, (_, fraction = '') => `.${fraction.padEnd(6, '0')}`);
}
