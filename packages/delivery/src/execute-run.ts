import type { RunState } from '@causeway/contract';
import { endCancelled } from './cancel-run.ts';
import { deliverInWaves } from './deliver-in-waves.ts';
import { LeaseLostError, type RunWork } from './journal.ts';
import { type KeptLease, keepLease } from './keep-lease.ts';
import { type Progress, RunRecipientWork } from './recipient.ts';
import { pauseAfter } from './retry-policy.ts';
import type { RunDeps } from './run-deps.ts';
import { createTasks, type Tasks } from './tasks.ts';

/** `not_taken`: finished already, or another worker has it. `released`: to be taken up again. */
export type RunOutcome = RunState | 'not_taken' | 'released';

/**
 * Carries a run to its end, from wherever it stands: a new one, or one that another
 * worker left at any point.
 *
 * 1. *Prepare*: one scan of the source; every recipient's bytes go into multipart
 *    uploads that are not completed. Nothing is visible.
 * 2. *Commit*, for each recipient by itself: complete the uploads, then write the
 *    signed manifest. From its first step on it can be finished by any worker from
 *    the journal alone. One that fails there leaves no manifest, hence no delivery.
 *
 * One customer's failure never stops another's, and a slow bucket does not hold up the
 * others: see `deliverInWaves`. Stopping (by `signal`, or by losing
 * the lease) leaves the run as it stands for the next worker. Of a run that is to be cancelled
 * what is under way is dropped, as if its worker had been killed; it is taken up anew, and ended.
 */
export async function executeRun(
  runId: string,
  deps: RunDeps,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const outcome = await workOn(runId, deps, signal);
  return outcome === 'cancelling' ? executeRun(runId, deps, signal) : outcome;
}

async function workOn(
  runId: string,
  deps: RunDeps,
  signal: AbortSignal,
): Promise<RunOutcome | 'cancelling'> {
  const work = await deps.journal.takeRun(runId, deps.owner);
  if (!work) return 'not_taken';
  deps.log({ event: 'run:taken', runId, message: `attempt ${work.lease.attempt}` });
  const lease = keepLease(work.lease, deps.journal);
  try {
    return await (work.cancelRequested
      ? cancel(work, deps, AbortSignal.any([signal, lease.lost]))
      : deliver(work, deps, lease, signal));
  } catch (error) {
    if (lease.lost.aborted || error instanceof LeaseLostError) {
      deps.log({ event: 'run:lease_lost', runId });
      return 'released';
    }
    const isCancelling = !work.cancelRequested && lease.cancelled.aborted && !signal.aborted;
    const pause = signal.aborted || isCancelling ? 0 : pauseAfter(work.lease.attempt);
    // If the journal cannot be reached either, the lease runs out by itself.
    await deps.journal.releaseRun(work.lease, pause).catch(() => {});
    if (isCancelling) {
      deps.log({ event: 'run:cancelling', runId });
      return 'cancelling';
    }
    deps.log({ event: 'run:released', runId, message: String(error), error });
    if (signal.aborted) return 'released';
    throw error;
  } finally {
    lease.stop();
  }
}

async function deliver(
  work: RunWork,
  deps: RunDeps,
  { lost, cancelled }: KeptLease,
  signal: AbortSignal,
): Promise<RunOutcome> {
  return withRecipients(
    work,
    deps,
    AbortSignal.any([signal, lost, cancelled]),
    (recipients, tasks) => tasks.start(() => deliverInWaves(work, recipients, deps, tasks)),
  );
}

function cancel(work: RunWork, deps: RunDeps, signal: AbortSignal): Promise<RunOutcome> {
  return withRecipients(work, deps, signal, (recipients, tasks) =>
    endCancelled(work, recipients, deps, tasks),
  );
}

/** Begins the work, waits for all of it, and ends the run if nothing is left to do. */
async function withRecipients(
  work: RunWork,
  deps: RunDeps,
  signal: AbortSignal,
  begin: (recipients: readonly RunRecipientWork[], tasks: Tasks) => void,
): Promise<RunOutcome> {
  const tasks = createTasks(signal);
  const signals = { run: tasks.signal, calls: signal };
  const recipients = work.recipients.map(
    (recipient) => new RunRecipientWork(work, recipient, deps, signals),
  );
  try {
    begin(recipients, tasks);
    // Nothing of this run goes on once it is given up.
    await tasks.ended();
    return await finish(work, recipients, deps, signal);
  } finally {
    for (const recipient of recipients) recipient.close();
  }
}

async function finish(
  work: RunWork,
  recipients: readonly RunRecipientWork[],
  deps: RunDeps,
  signal: AbortSignal,
): Promise<RunOutcome> {
  signal.throwIfAborted();
  const { runId } = work.lease;
  if (recipients.some((recipient) => !recipient.isSettled)) {
    const pause = pauseAfter(work.lease.attempt);
    await deps.journal.releaseRun(work.lease, pause);
    const message = `a commit is to be finished, not before ${pause} seconds from now`;
    deps.log({ event: 'run:released', runId, message });
    return 'released';
  }
  const state = endOf(recipients);
  await deps.journal.finishRun(work.lease, state, deps.now());
  deps.log({ event: 'run:finished', runId, message: state });
  return state;
}

function endOf(recipients: readonly RunRecipientWork[]): RunState {
  const count = (progress: Progress) =>
    recipients.filter((recipient) => recipient.progress === progress).length;
  if (count('cancelled') > 0) return 'cancelled';
  const failed = count('failed');
  return failed === 0 ? 'succeeded' : failed === recipients.length ? 'failed' : 'partial';
}
