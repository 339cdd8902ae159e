import { CausewayError } from '@causeway/contract';
import { sql } from 'kysely';
import type { Db } from './database.ts';
import { places } from './runs/places.ts';

/**
 * Does work on a connection that nobody else does at the same time, in any process, and that
 * is more than a transaction: calls to AWS. Unlike a transaction it undoes nothing. When
 * the process ends, the database lets go.
 *
 * @throws CausewayError `change_in_progress` at once when somebody else is at it.
 */
export type Exclusively = <T>(connectionId: string, work: () => Promise<T>) => Promise<T>;

/** Advisory locks are numbers; the first says what the second is the hash of. */
const changeLock = 0x63_77_03;

/**
 * Each holds a connection to the database while the work takes others, so that as many as
 * there are in the pool would wait for ever.
 */
const mostAtOnce = 3;

export function exclusiveChanges(db: Db): Exclusively {
  const turn = places(mostAtOnce);
  return async (connectionId, work) => {
    await turn.take();
    try {
      return await db.transaction().execute(async (trx) => {
        const { rows } = await sql<{
          held: boolean;
        }>`select pg_try_advisory_xact_lock(${changeLock}, hashtext(${connectionId})) as held`.execute(
          trx,
        );
        if (!rows[0]?.held) throw new CausewayError('change_in_progress', { connectionId });
        return work();
      });
    } finally {
      turn.give();
    }
  };
}
