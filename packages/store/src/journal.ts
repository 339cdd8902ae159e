import type { RecipientState } from '@causeway/contract';
import {
  type CommitPosition,
  type Lease,
  LeaseLostError,
  type RecipientChange,
  type RunJournal,
} from '@causeway/delivery';
import type { Selectable } from 'kysely';
import { type Database, type Db, inTransaction } from './database.ts';
import { endRetries } from './due-retries.ts';
import { fenced } from './fenced.ts';
import { forgottenKeysJournal } from './forgotten-keys.ts';
import { replacedJournal } from './replaced-journal.ts';
import { tellRunChanged } from './run-channel.ts';
import { tellRecipientFailed, tellRunEnded } from './run-events.ts';
import { fixSchema } from './run-schema.ts';
import { sentRowsJournal } from './sent-rows-journal.ts';
import { nextRun, takeRun, toPosition } from './take-run.ts';
import { jitteredFromNow, now } from './timestamps.ts';
import { uploadJournal } from './upload-journal.ts';
import { wakeForRest } from './wake-batches.ts';

/** The journal of runs in PostgreSQL. */
export function journal(db: Db): RunJournal {
  return {
    takeRun: (runId, owner) => takeRun(db, runId, owner),
    nextRun: (owner, beside) => nextRun(db, owner, beside),
    renewLease: (lease) => renewLease(db, lease),
    releaseRun: (lease) => leaveRun(db, lease, { state: 'queued', lease_owner: null }),
    finishRun: (lease, state, now) =>
      leaveRun(db, lease, { state, lease_owner: null, completed_at: now.toISOString() }),
    updateRecipient: (lease, customerId, change) =>
      fenced(db, lease, (trx) => updateRecipient(trx, lease.runId, customerId, change)),
    beginCommit: (lease, customerId, now) =>
      fenced(db, lease, (trx) => beginCommit(trx, lease.runId, customerId, now)),
    recordManifest: (lease, customerId, { key, body }) =>
      fenced(db, lease, async (trx) => {
        const changed = await trx
          .updateTable('run_recipients')
          .set({ manifest_key: key, manifest_body: body })
          .where('run_id', '=', lease.runId)
          .where('customer_id', '=', customerId)
          .where((eb) => eb.or([eb('manifest_body', 'is', null), eb('manifest_body', '=', body)]))
          .returning('run_id')
          .execute();
        if (changed.length === 1) return;
        throw new Error(
          `Cannot record the manifest "${key}": there is another for "${customerId}"`,
        );
      }),
    fixSchema: (lease, columns, evolves) =>
      fenced(db, lease, (trx) => fixSchema(trx, lease.runId, columns, evolves)),
    ...forgottenKeysJournal(db),
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

type RunChange = Partial<
  Pick<Selectable<Database['runs']>, 'state' | 'lease_owner' | 'completed_at'>
>;

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

async function updateRecipient(
  trx: Db,
  runId: string,
  customerId: string,
  change: RecipientChange,
): Promise<void> {
  const { state, rows, bytes, files, deliveredByRunId, failure, warning, retry, requests } = change;
  const changed = await trx
    .updateTable('run_recipients')
    .set((eb) => ({
      ...(requests === undefined
        ? {}
        : {
            s3_requests: eb('s3_requests', '+', requests.s3),
            sts_requests: eb('sts_requests', '+', requests.sts),
            request_retries: eb('request_retries', '+', requests.retries),
          }),
      ...(state === 'preparing' ? { attempts: eb('attempts', '+', 1) } : {}),
      ...(state === undefined ? {} : { state, ...timeOf(state) }),
      ...(rows === undefined ? {} : { rows }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(files === undefined ? {} : { files }),
      ...(deliveredByRunId === undefined ? {} : { delivered_by_run_id: deliveredByRunId }),
      ...(failure === undefined ? {} : { failure: JSON.stringify(failure) }),
      ...(warning === undefined ? {} : { warning: JSON.stringify(warning) }),
      ...(retry && { retry_at: jitteredFromNow(retry.afterSeconds), retry_awaits: retry.awaits }),
      // Its manifest was never written, so the number goes to the next run.
      ...(state === 'failed' ? { sequence: null, previous_run_id: null, committed_at: null } : {}),
    }))
    .where('run_id', '=', runId)
    .where('customer_id', '=', customerId)
    .returning('run_id')
    .execute();
  if (changed.length === 0) throw new Error(`Cannot find recipient "${customerId}" of "${runId}"`);
  if (state === 'failed' && failure) await tellRecipientFailed(trx, runId, customerId, failure);
}

/** What is written down of the time when a state is entered; that of the commit is given. */
function timeOf(state: RecipientState) {
  switch (state) {
    case 'planned':
    case 'committing':
      return {};
    case 'preparing':
      return { preparing_at: now, prepared_at: null };
    case 'prepared':
      return { prepared_at: now };
    case 'delivered':
    case 'unchanged':
    case 'failed':
    case 'cancelled':
      return { ended_at: now };
  }
}

/**
 * Numbers are given one after the other: of one delivery and customer only one recipient is
 * unfinished at a time. A unique index holds this.
 */
async function beginCommit(
  trx: Db,
  runId: string,
  customerId: string,
  now: Date,
): Promise<CommitPosition> {
  const recipient = await trx
    .selectFrom('run_recipients')
    .select(['delivery_id', 'sequence', 'previous_run_id', 'committed_at'])
    .where('run_id', '=', runId)
    .where('customer_id', '=', customerId)
    .executeTakeFirstOrThrow();
  const before = toPosition(recipient);
  if (before) return before;
  const last = await trx
    .selectFrom('run_recipients')
    .select(['run_id', 'sequence'])
    .where('delivery_id', '=', recipient.delivery_id)
    .where('customer_id', '=', customerId)
    .where('sequence', 'is not', null)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  const sequence = (last?.sequence ?? 0) + 1;
  const previousRunId = last?.run_id ?? null;
  await trx
    .updateTable('run_recipients')
    .set({
      state: 'committing',
      sequence,
      previous_run_id: previousRunId,
      committed_at: now.toISOString(),
    })
    .where('run_id', '=', runId)
    .where('customer_id', '=', customerId)
    .execute();
  return { sequence, previousRunId, committedAt: now };
}
