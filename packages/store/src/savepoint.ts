import { randomDigits } from '@causeway/contract';
import { sql } from 'kysely';
import type { Db } from './database.ts';

/**
 * Does a part of a transaction: when it throws, what it has done is undone, and the
 * rest of the transaction goes on with whoever catches the error.
 */
export async function withSavepoint<T>(trx: Db, work: () => Promise<T>): Promise<T> {
  const name = sql.raw(`part_${randomDigits(8)}`);
  await sql`savepoint ${name}`.execute(trx);
  try {
    const result = await work();
    await sql`release savepoint ${name}`.execute(trx);
    return result;
  } catch (error) {
    await sql`rollback to savepoint ${name}`.execute(trx);
    await sql`release savepoint ${name}`.execute(trx);
    throw error;
  }
}
