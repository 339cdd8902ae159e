import { createHash } from 'node:crypto';

/**
 * The version of something that is more than one time can tell: the second of its newest
 * change, and as the fraction a fingerprint of what it consists of (names, sizes, ETags).
 * So two versions of one second differ, and a part that is taken away makes another
 * version though nothing else changed.
 */
export function fingerprintVersion(newest: Date, facts: readonly (string | bigint)[]): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(facts.map(String)))
    .digest();
  const fraction = String(digest.readUIntBE(0, 6) % 1_000_000).padStart(6, '0');
  return `${newest.toISOString().slice(0, 19)}.${fraction}Z`;
}

/** The newest of several dates. */
export function newestOf(dates: readonly Date[]): Date {
  return new Date(Math.max(...dates.map((date) => date.getTime())));
}
