import { CausewayError } from '@causeway/contract';
import { sql } from 'kysely';
import { type Db, inTransaction } from './database.ts';

export interface IdempotentRequest {
  readonly key: string;
  /** A hash of the operation and its body: what must be the same when the key is. */
  readonly bodyHash: string;
  readonly apiKeyId: string;
}

/** A key is remembered at least this long. */
const rememberedHours = 24;

/**
 * Does the work of a creating request once, and answers its repetitions with the
 * stored response. The work and its response are committed together or not at all; a
 * repetition that comes meanwhile waits. What fails is not stored and may be repeated.
 *
 * @throws CausewayError `idempotency_key_reused` when the key came with another body.
 */
export function once<T>(
  db: Db,
  request: IdempotentRequest,
  work: (trx: Db) => Promise<T>,
): Promise<T> {
  const { key, bodyHash, apiKeyId } = request;
  return inTransaction(db, async (trx) => {
    // Waits for another transaction that has inserted the key, and then sees its row.
    const claimed = await sql`
      insert into causeway.idempotency_keys (api_key_id, key, body_hash, created_at)
      values (${apiKeyId}, ${key}, ${bodyHash}, now())
      on conflict (api_key_id, key) do nothing
      returning key
    `.execute(trx);
    const mine = trx
      .selectFrom('idempotency_keys')
      .select(['body_hash', 'response'])
      .where('api_key_id', '=', apiKeyId)
      .where('key', '=', key);
    if (claimed.rows.length === 0) {
      const stored = await mine.executeTakeFirstOrThrow();
      if (stored.body_hash !== bodyHash) throw new CausewayError('idempotency_key_reused', { key });
      return stored.response as T;
    }
    const response = await work(trx);
    await trx
      .updateTable('idempotency_keys')
      .set({ response: JSON.stringify(response) })
      .where('api_key_id', '=', apiKeyId)
      .where('key', '=', key)
      .execute();
    return response;
  });
}

/** Forgets keys whose time is over. */
export async function forgetOldKeys(db: Db): Promise<void> {
  await db
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', sql<string>`now() - make_interval(hours => ${rememberedHours})`)
    .execute();
}
