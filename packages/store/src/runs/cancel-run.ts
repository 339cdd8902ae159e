import { type Actor, CausewayError, type RunState } from '@causeway/contract';
import type { Db } from '../database.ts';
import { now } from '../timestamps.ts';
import type { SendRunJob } from './queue.ts';
import { tellRunChanged } from './run-channel.ts';
import { tellCancelRequested, tellRunEnded } from './run-events.ts';

const unfinished: readonly RunState[] = ['queued', 'running'];

/**
 * Ends a run that no worker has touched yet, and asks whoever has it in hand, or takes it up
 * next, to end it. As `Runs.cancel` promises.
 */
export async function cancelRun(
  trx: Db,
  id: string,
  actor: Actor,
  sendJob: SendRunJob,
): Promise<void> {
  const run = await trx
    .selectFrom('runs')
    .select(['state', 'attempt', 'delivery_id', 'cancel_requested_at'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!run) throw new CausewayError('not_found', { kind: 'run', id });
  if (run.state === 'cancelled' || run.cancel_requested_at !== null) return;
  if (!unfinished.includes(run.state)) {
    throw new CausewayError('run_ended', { runId: id, state: run.state });
  }
  await trx
    .updateTable('runs')
    .set({ resume_at: null, cancel_requested_at: now, cancel_requested_by: JSON.stringify(actor) })
    .where('id', '=', id)
    .execute();
  await tellCancelRequested(trx, id, run.delivery_id, actor);
  if (run.attempt === 0) await endUntouched(trx, id);
  else await sendJob(trx, id);
  await tellRunChanged(trx, id);
}

async function endUntouched(trx: Db, id: string): Promise<void> {
  await trx
    .updateTable('run_recipients')
    .set({ state: 'cancelled', ended_at: now })
    .where('run_id', '=', id)
    .execute();
  await trx
    .updateTable('runs')
    .set({ state: 'cancelled', completed_at: now })
    .where('id', '=', id)
    .execute();
  await tellRunEnded(trx, id, 'cancelled');
}
