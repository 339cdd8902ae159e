import { type IssuerKey, type IssuerKeyStore, privateKeyPlace } from '@causeway/connections';
import { sql } from 'kysely';
import { type Db, inTransaction } from '../database.ts';
import { secrets } from './secrets.ts';

/** Advisory locks are numbers; see `connections.ts` for the others. */
const issuerLock = 0x63_77_04;

/** Keeps the keys of the issuer, and their private halves as sealed secrets. */
export function issuerKeys(db: Db): IssuerKeyStore {
  return {
    list: () => list(db),
    change: (decide) =>
      inTransaction(db, async (trx) => {
        await sql`select pg_advisory_xact_lock(${issuerLock})`.execute(trx);
        const change = await decide(await list(trx));
        if (!change) return list(trx);
        for (const id of change.drop) {
          await trx.deleteFrom('issuer_keys').where('id', '=', id).execute();
          await secrets(trx).remove(privateKeyPlace(id));
        }
        if (change.add) {
          const { key, privateKey } = change.add;
          await trx.insertInto('issuer_keys').values(toRow(key)).execute();
          await secrets(trx).save(privateKey);
        }
        return list(trx);
      }),
  };
}

async function list(db: Db): Promise<IssuerKey[]> {
  const query = db.selectFrom('issuer_keys').selectAll();
  const rows = await query.orderBy('signs_from').orderBy('created_at').execute();
  return rows.map((row) => ({
    id: row.id,
    publicKey: row.public_key,
    createdAt: row.created_at,
    signsFrom: row.signs_from,
  }));
}

function toRow({ id, publicKey, createdAt, signsFrom }: IssuerKey) {
  return {
    id,
    public_key: JSON.stringify(publicKey),
    created_at: createdAt,
    signs_from: signsFrom,
  };
}
