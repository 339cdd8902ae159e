import { type Lease, LeaseLostError, type RunJournal } from '@causeway/delivery';
import { type RawBuilder, sql, type Updateable } from 'kysely';
import { type Database, type Db, inTransaction } from '../database.ts';
import { forgottenKeysJournal } from '../datasets/forgotten-keys.ts';
import { wakeForRest } from '../deliveries/wake-batches.ts';
import { endRetries } from '../runs/due-retries.ts';
import { tellRunChanged } from '../runs/run-channel.ts';
import { tellRunEnded } from '../runs/run-events.ts';
import { fixSchema } from '../runs/run-schema.ts';
import { nextRun, takeRun } from '../runs/take-run.ts';
import { now, secondsFromNow } from '../timestamps.ts';
import { fenced } from './fenced.ts';
import { recipientJournal } from './recipient-journal.ts';
import { replacedJournal } from './replaced-journal.ts';
import { sentRowsJournal } from './sent-rows-journal.ts';
import { uploadJournal } from './upload-journal.ts';

/** The journal of runs in PostgreSQL. */
export function journal(db: Db): RunJournal {
  return {
    takeRun: (runId, owner) => takeRun(db, runId, owner),
    nextRun: (owner, beside) => nextRun(db, owner, beside),
    renewLease: (lease) => renewLease(db, lease),
    releaseRun: (lease, pauseSeconds = 0) =>
      leaveRun(db, lease, {
        state: 'queued',
        lease_owner: null,
        // Whoever has cancelled it in the meantime waits for its end.
        resume_at:
          pauseSeconds > 0
            ? sql<
                string | null
              >`case when cancel_requested_at is null then ${secondsFromNow(pauseSeconds)} end`
            : null,
      }),
    finishRun: (lease, state, now) =>
      leaveRun(db, lease, { state, lease_owner: null, completed_at: now.toISOString() }),
    fixSchema: (lease, columns, evolves) =>
      fenced(db, lease, (trx) => fixSchema(trx, lease.runId, columns, evolves)),
    ...forgottenKeysJournal(db),
    ...recipientJournal(db),
    ...replacedJournal(db),
    ...sentRowsJournal(db),
    ...uploadJournal(db),
  };
}

async function renewLease(db: Db, lease: Lease): Promise<{ readonly cancelRequested: boolean }> {
  const renewed = await db
    .updateTable('runs')
    .set({ lease_renewed_at: now })
    .where('id', '=', lease.runId)
    .where('attempt', '=', lease.attempt)
    .where('lease_owner', '=', lease.owner)
    .returning('cancel_requested_at')
    .executeTakeFirst();
  if (!renewed) throw new LeaseLostError(lease);
  return { cancelRequested: renewed.cancel_requested_at !== null };
}

type RunChange = Pick<Updateable<Database['runs']>, 'state' | 'lease_owner' | 'completed_at'> & {
  readonly resume_at?: RawBuilder<string | null> | null;
};

function leaveRun(db: Db, lease: Lease, change: RunChange): Promise<void> {
  return inTransaction(db, async (trx) => {
    const left = await trx
      .updateTable('runs')
      .set(change)
      .where('id', '=', lease.runId)
      .where('attempt', '=', lease.attempt)
      .where('lease_owner', '=', lease.owner)
      .returning(['cancel_requested_at', 'terms'])
      .executeTakeFirst();
    if (!left) throw new LeaseLostError(lease);
    // What somebody has ended is not begun again by itself.
    if (left.cancel_requested_at !== null) await endRetries(trx, { run_id: lease.runId });
    if (left.terms.filePerRecord) await wakeForRest(trx, lease.runId);
    if (change.state) await tellRunEnded(trx, lease.runId, change.state);
    await tellRunChanged(trx, lease.runId);
  });
}
