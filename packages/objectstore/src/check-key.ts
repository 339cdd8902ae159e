import { CausewayError } from '@causeway/contract';

/** S3's limit, in bytes of UTF-8. */
const longestKey = 1024;

/**
 * Returns `key` if every party on the way reads it the same. S3 takes a key
 * literally, but clients, proxies and file systems resolve `.` and `..`.
 *
 * @throws CausewayError `invalid_location`.
 */
export function checkKey(key: string): string {
  const refuse = (reason: string) => new CausewayError('invalid_location', { found: key, reason });
  if (key === '') throw refuse('the key is empty');
  if (Buffer.byteLength(key) > longestKey)
    throw refuse(`the key is longer than ${longestKey} bytes`);
  const dots = key.split('/').find((segment) => segment === '.' || segment === '..');
  if (dots) throw refuse(`the key has the segment "${dots}"`);
  return key;
}
