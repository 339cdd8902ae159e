import { createHash } from 'node:crypto';

const ids = new Map<string, string>([
  // Whoever uploads without a signature: the same on every AWS.
  ['anonymous', '65a011a29cdf8ec533ec3d1ccaae921c'],
]);

/** An account in S3's words: a canonical user id that stands for it. */
export function canonicalUserId(accountId: string): string {
  const known = ids.get(accountId);
  if (known !== undefined) return known;
  const id = createHash('sha256').update(`causeway-sandbox ${accountId}`).digest('hex');
  ids.set(accountId, id);
  return id;
}
