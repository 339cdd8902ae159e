import { newId } from '@causeway/contract';
import type { Db } from '../database.ts';
import { inGroups } from '../in-groups.ts';
import { isWellFormedToken, newToken, tokenHash } from './tokens.ts';

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

/** Whether a text can be an API key: `cwk_` and a random part that fits its checksum. */
export function isWellFormedApiKey(text: string): boolean {
  return isWellFormedToken('cwk_', text);
}

export function apiKeys(db: Db): ApiKeys {
  // Every request asks: those that come at once ask together.
  const find = inGroups((hashes: readonly Buffer[]) => findAll(db, hashes), 100);
  return {
    async create({ name }) {
      const key = newToken('cwk_');
      const id = newId('apiKey');
      await db
        .insertInto('api_keys')
        .values({
          id,
          name,
          prefix: key.slice(0, 8),
          last_four: key.slice(-4),
          key_hash: tokenHash(key),
          created_at: new Date().toISOString(),
        })
        .execute();
      return { id, key };
    },
    async authenticate(key) {
      return isWellFormedApiKey(key) ? find(tokenHash(key)) : null;
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

/** By their hashes, in that order. */
async function findAll(
  db: Db,
  hashes: readonly Buffer[],
): Promise<({ readonly id: string; readonly name: string } | null)[]> {
  const query = db.selectFrom('api_keys').select(['id', 'name', 'key_hash']);
  const rows = await query.where('key_hash', 'in', hashes).execute();
  return hashes.map((hash) => {
    const row = rows.find(({ key_hash }) => key_hash.equals(hash));
    return row ? { id: row.id, name: row.name } : null;
  });
}
