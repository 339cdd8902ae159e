import type { SealedSecret, SecretStore } from '@causeway/connections';
import type { Selectable } from 'kysely';
import type { Database, Db } from '../database.ts';

/** Keeps sealed secrets. Nobody can open one with what is in the database. */
export function secrets(db: Db): SecretStore {
  return {
    async save(secret) {
      const { customerId, connectionId, field, version, keyId, wrappedKey } = secret;
      const row = {
        version,
        customer_id: customerId,
        connection_id: connectionId,
        field,
        key_id: keyId,
        wrapped_key: wrappedKey,
        nonce: secret.nonce,
        ciphertext: secret.ciphertext,
        created_at: new Date().toISOString(),
      };
      const insert = db.insertInto('secrets').values(row);
      await insert
        .onConflict((on) => on.columns(['connection_id', 'field']).doUpdateSet(row))
        .execute();
    },
    async find({ connectionId, field }) {
      const query = db.selectFrom('secrets').selectAll().where('field', '=', field);
      const row = await query
        .where('connection_id', 'is not distinct from', connectionId)
        .executeTakeFirst();
      return row ? toSecret(row) : null;
    },
    async remove({ connectionId, field }) {
      await db
        .deleteFrom('secrets')
        .where('field', '=', field)
        .where('connection_id', 'is not distinct from', connectionId)
        .execute();
    },
    async countByKey() {
      const query = db
        .selectFrom('secrets')
        .select((eb) => ['key_id as keyId', eb.fn.countAll<number>().as('secrets')]);
      return query.groupBy('key_id').orderBy('key_id').execute();
    },
    async some(key, limit) {
      const query = db.selectFrom('secrets').selectAll().orderBy('version').limit(limit);
      const [operator, keyId] = 'is' in key ? (['=', key.is] as const) : (['!=', key.not] as const);
      return (await query.where('key_id', operator, keyId).execute()).map(toSecret);
    },
    async rewrap(before, after) {
      const result = await db
        .updateTable('secrets')
        .set({ key_id: after.keyId, wrapped_key: after.wrappedKey })
        .where('version', '=', before.version)
        .where('wrapped_key', '=', before.wrappedKey)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
  };
}

function toSecret(row: Selectable<Database['secrets']>): SealedSecret {
  return {
    customerId: row.customer_id,
    connectionId: row.connection_id,
    field: row.field,
    version: row.version,
    keyId: row.key_id,
    wrappedKey: row.wrapped_key,
    nonce: row.nonce,
    ciphertext: row.ciphertext,
  };
}
