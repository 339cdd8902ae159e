import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What each kind of token starts with. Secret scanners know them by it. */
export type TokenPrefix = 'cwk_' | 'cwl_' | 'cws_';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const body = /^([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/** Makes a token: its prefix, 32 random bytes in 43 characters of base 62, and 6 of CRC-32. */
export function newToken(prefix: TokenPrefix): string {
  const secret = base62(BigInt(`0x${randomBytes(32).toString('hex')}`), 43);
  return `${prefix}${secret}${checksum(secret)}`;
}

/** Tells a typing error from an unknown token without asking the database. */
export function isWellFormedToken(prefix: TokenPrefix, text: string): boolean {
  if (!text.startsWith(prefix)) return false;
  const match = body.exec(text.slice(prefix.length));
  return match?.[1] !== undefined && match[2] === checksum(match[1]);
}

/** What is kept of a token. It has 256 random bits, so there is nothing for a slow hash to protect. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function checksum(secret: string): string {
  return base62(BigInt(crc32(secret)), 6);
}

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) {
    text = digits.charAt(Number(rest % 62n)) + text;
  }
  return text;
}
