import type { RunState } from '@causeway/contract';
import { deliverInWaves } from './deliver-in-waves.ts';
import { type Lease, LeaseLostError, leaseSeconds, type RunWork } from './journal.ts';
import { RunRecipientWork } from './recipient.ts';
import type { RunDeps } from './run-deps.ts';
import { createTasks } from './tasks.ts';

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
 * the lease) leaves the run as it stands for the next worker.
 */
export async function executeRun(
  runId: string,
  deps: RunDeps,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const work = await deps.journal.takeRun(runId, deps.owner);
  if (!work) return 'not_taken';
  deps.log({ event: 'run:taken', runId, message: `attempt ${work.lease.attempt}` });
  const lease = keepLease(work.lease, deps, signal);
  try {
    return await deliver(work, deps, lease.signal);
  } catch (error) {
    if (lease.lost() || error instanceof LeaseLostError) {
      deps.log({ event: 'run:lease_lost', runId });
      return 'released';
    }
    // If the journal cannot be reached either, the lease runs out by itself.
    await deps.journal.releaseRun(work.lease).catch(() => {});
    deps.log({ event: 'run:released', runId, message: String(error), error });
    if (signal.aborted) return 'released';
    throw error;
  } finally {
    lease.stop();
  }
}

async function deliver(work: RunWork, deps: RunDeps, signal: AbortSignal): Promise<RunOutcome> {
  const tasks = createTasks(signal);
  const signals = { run: tasks.signal, calls: signal };
  const recipients = work.recipients.map(
    (recipient) => new RunRecipientWork(work, recipient, deps, signals),
  );
  try {
    tasks.start(() => deliverInWaves(work, recipients, deps, tasks));
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
    await deps.journal.releaseRun(work.lease);
    deps.log({ event: 'run:released', runId, message: 'a commit is to be finished later' });
    return 'released';
  }
  const failed = recipients.filter((recipient) => recipient.progress === 'failed').length;
  const state = failed === 0 ? 'succeeded' : failed === recipients.length ? 'failed' : 'partial';
  await deps.journal.finishRun(work.lease, state, deps.now());
  deps.log({ event: 'run:finished', runId, message: state });
  return state;
}

/** Renews the lease three times in its span; what is under way is aborted once it is lost. */
function keepLease(lease: Lease, deps: RunDeps, signal: AbortSignal) {
  const ended = new AbortController();
  let lost = false;
  const timer = setInterval(
    () => {
      deps.journal.renewLease(lease).catch((error: unknown) => {
        if (!(error instanceof LeaseLostError)) return;
        lost = true;
        ended.abort(error);
      });
    },
    (leaseSeconds * 1000) / 3,
  );
  return {
    signal: AbortSignal.any([signal, ended.signal]),
    lost: () => lost,
    stop: () => clearInterval(timer),
  };
}
