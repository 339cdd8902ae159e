/**
 * What each kind of id starts with. The prefix says what an id names wherever it
 * is met: in a log line, in an object key, in a support ticket.
 */
export const idPrefixes = {
  apiKey: 'key',
  customer: 'cus',
  connection: 'conn',
  dataset: 'ds',
  delivery: 'dlv',
  run: 'run',
  setupLink: 'lnk',
  event: 'evt',
  secret: 'sec',
  accessKey: 'ak',
  webhook: 'whk',
} as const;

export type IdKind = keyof typeof idPrefixes;

/** Crockford's base 32 in lower case: no `i`, `l`, `o` or `u`, so ids survive being read aloud. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Makes an id such as `run_01jd8m2c5x3v9q7t4w6y8z0a1b`: the kind, 48 bits of
 * milliseconds and 80 random bits, so that ids sort by the time they were made.
 */
export function newId(kind: IdKind, now: number = Date.now()): string {
  return `${idPrefixes[kind]}_${timeDigits(now)}${randomDigits(16)}`;
}

/** Makes `length` random characters of 5 bits each from the id alphabet. */
export function randomDigits(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => alphabet.charAt(byte & 31)).join('');
}

function timeDigits(milliseconds: number): string {
  let digits = '';
  let rest = milliseconds;
  for (let i = 0; i < 10; i++) {
    digits = alphabet.charAt(rest % 32) + digits;
    rest = Math.floor(rest / 32);
  }
  return digits;
}
