import { type Lease, LeaseLostError } from '@causeway/delivery';
import { type Db, inTransaction } from './database.ts';
import { tellRunChanged } from './run-channel.ts';

/**
 * Writes under a lease, in one transaction, and tells that the run has changed.
 *
 * The run's row is locked in share mode while the lease still holds, so that a
 * worker taking the run over waits for writes under way and refuses those after.
 *
 * @throws LeaseLostError
 */
export function fenced<T>(db: Db, lease: Lease, write: (trx: Db) => Promise<T>): Promise<T> {
  return inTransaction(db, async (trx) => {
    const held = await trx
      .selectFrom('runs')
      .select('id')
      .where('id', '=', lease.runId)
      .where('attempt', '=', lease.attempt)
      .where('lease_owner', '=', lease.owner)
      .forShare()
      .executeTakeFirst();
    if (!held) throw new LeaseLostError(lease);
    const result = await write(trx);
    await tellRunChanged(trx, lease.runId);
    return result;
  });
}
