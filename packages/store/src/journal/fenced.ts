import { type Lease, LeaseLostError } from '@causeway/delivery';
import { type RawBuilder, sql } from 'kysely';
import { type Db, inTransaction } from '../database.ts';
import { runChannel, tellRunChanged } from '../runs/run-channel.ts';

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
    const { rows } = await lockedRun(lease).execute(trx);
    if (rows.length === 0) throw new LeaseLostError(lease);
    const result = await write(trx);
    await tellRunChanged(trx, lease.runId);
    return result;
  });
}

/**
 * The same in one statement, and so in one exchange with the database.
 *
 * A statement sees all that was there when it began, which may be before it has the lock. A
 * worker that takes the run over in between has changed the run's row, which is read again
 * once it is locked: then `held` is empty.
 *
 * @param parts Queries that go before `with`, of which the last is named `written`: its rows are
 * given. They must write nothing but for the run in `held`, which is one row or none.
 * @throws LeaseLostError
 */
export async function fencedStatement<Row extends object>(
  db: Db,
  lease: Lease,
  parts: RawBuilder<unknown>,
): Promise<readonly Row[]> {
  const { rows } = await sql<Row & { readonly is_written: true | null }>`
    with held as (${lockedRun(lease)}),
      ${parts},
      told as (select pg_notify(${runChannel}, id) from held)
    select outcome.* from held cross join told
    left join (select true as is_written, written.* from written) as outcome on true
  `.execute(db);
  if (rows.length === 0) throw new LeaseLostError(lease);
  return rows.filter(({ is_written }) => is_written);
}

function lockedRun({ runId, attempt, owner }: Lease): RawBuilder<unknown> {
  return sql`
    select id from causeway.runs
    where id = ${runId} and attempt = ${attempt} and lease_owner = ${owner}
    for share
  `;
}

/** Items as a relation `item`; what an item lacks is null there. */
export function itemRows(items: readonly object[], columns: string): RawBuilder<unknown> {
  return sql`json_to_recordset(${JSON.stringify(items)}::json) as item (${sql.raw(columns)})`;
}
