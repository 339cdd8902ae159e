import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { newId } from '@causeway/contract';
import type { Db } from './database.ts';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** The first and last characters: enough to recognise a key, too little to use it. */
  readonly prefix: string;
  readonly lastFour: string;
  readonly createdAt: string;
}

export interface ApiKeys {
  /** Makes a key. It is returned here and never again: only its SHA-256 is stored. */
  create(input: { readonly name: string }): Promise<{ readonly id: string; readonly key: string }>;
  /** Null when the key is malformed (told without a query) or unknown. */
  authenticate(key: string): Promise<{ readonly id: string; readonly name: string } | null>;
  count(): Promise<number>;
  /** Newest first. */
  list(): Promise<ApiKey[]>;
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const shape = /^cwk_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/**
 * Whether a text can be an API key: `cwk_`, 32 random bytes in 43 characters of
 * base 62, and 6 characters of CRC-32. Secret scanners know keys by it, and a typing
 * error is told from an unknown key without asking the database.
 */
export function isWellFormedApiKey(text: string): boolean {
  const match = shape.exec(text);
  return match?.[1] !== undefined && match[2] === checksum(match[1]);
}

export function apiKeys(db: Db): ApiKeys {
  return {
    async create({ name }) {
      const secret = base62(BigInt(`0x${randomBytes(32).toString('hex')}`), 43);
      const key = `cwk_${secret}${checksum(secret)}`;
      const id = newId('apiKey');
      await db
        .insertInto('api_keys')
        .values({
          id,
          name,
          prefix: key.slice(0, 8),
          last_four: key.slice(-4),
          key_hash: hash(key),
          created_at: new Date().toISOString(),
        })
        .execute();
      return { id, key };
    },
    async authenticate(key) {
      if (!isWellFormedApiKey(key)) return null;
      const query = db.selectFrom('api_keys').select(['id', 'name']);
      return (await query.where('key_hash', '=', hash(key)).executeTakeFirst()) ?? null;
    },
    async count() {
      const query = db.selectFrom('api_keys').select((eb) => eb.fn.countAll<number>().as('count'));
      return (await query.executeTakeFirstOrThrow()).count;
    },
    async list() {
      const rows = await db.selectFrom('api_keys').selectAll().orderBy('id', 'desc').execute();
      return rows.map(({ id, name, prefix, last_four, created_at }) => ({
        id,
        name,
        prefix,
        lastFour: last_four,
        createdAt: created_at,
      }));
    },
  };
}

// The key has 256 random bits, so there is nothing for a slow hash to protect.
function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
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
