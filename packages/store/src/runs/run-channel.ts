import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** The channel on which every change of a run is told; the payload is the run's id. */
export const runChannel = 'causeway_runs';

/** Tells, when the transaction commits, that the run has changed. */
export async function tellRunChanged(trx: Db, runId: string): Promise<void> {
  await sql`select pg_notify(${runChannel}, ${runId})`.execute(trx);
}
