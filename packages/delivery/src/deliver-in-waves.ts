import { commitRecipient } from './commit.ts';
import type { RunWork } from './journal.ts';
import { prepareWave, type Wave } from './prepare.ts';
import type { RunRecipientWork } from './recipient.ts';
import type { RunDeps } from './run-deps.ts';
import { createPlaces, type Tasks } from './tasks.ts';
import { createWaitingRoom } from './waiting-room.ts';

/** How many customers' uploads are completed at once. */
const concurrentCommits = 32;
/** How many connections are looked at again at once, before anything is sent to them. */
const concurrentChecks = 32;
/** How many uploads are begun at once: each asks STS first for the credentials of its customer's role. */
const concurrentBeginnings = 32;
/** How much of small files a run may keep in the journal, and before in memory. */
const mostKeptBytes = 16 * 1024 ** 2;

/**
 * Serves all recipients of a run, and none at the cost of another.
 *
 * All that are ready share one scan of the source. Each is committed as soon as its own
 * uploads are there, whatever the others are at. Who is late, as its connection is still
 * being looked at, or was set aside, as its bucket held up the scan, is served by another
 * scan afterwards.
 */
export async function deliverInWaves(
  run: RunWork,
  recipients: readonly RunRecipientWork[],
  deps: RunDeps,
  tasks: Tasks,
): Promise<void> {
  const room = createWaitingRoom<RunRecipientWork>(tasks);
  const checking = createPlaces(concurrentChecks);
  const committing = createPlaces(concurrentCommits);
  const commit = (recipient: RunRecipientWork) =>
    committing(() => recipient.guard(() => commitRecipient(run, recipient, deps)));
  for (const recipient of recipients) {
    if (recipient.isSettled) continue;
    if (recipient.isUnderway) tasks.start(() => commit(recipient));
    else
      room.enter(recipient, () =>
        checking(async () => {
          tasks.signal.throwIfAborted();
          await settleEarly(recipient);
          return !recipient.isSettled;
        }),
      );
  }
  const wave: Omit<Wave, 'patienceMs'> = {
    tasks,
    begin: createPlaces(concurrentBeginnings),
    mayKeep: createAllowance(mostKeptBytes),
    commit,
    setAside: (recipient, ended) =>
      room.enter(recipient, async () => {
        await recipient.guard(async () => {
          await ended;
          await recipient.abortUploads();
        });
        return !recipient.isSettled;
      }),
  };
  for (let patienceMs = deps.slowBucketSeconds * 1000; ; patienceMs *= 2) {
    const ready = await room.next(patienceMs);
    if (ready.length === 0) return;
    await prepareWave(run, ready, deps, { ...wave, patienceMs });
  }
}

/** Lets so much be taken in all, for good. */
function createAllowance(limit: number): (amount: number) => boolean {
  let left = limit;
  return (amount) => {
    if (amount > left) return false;
    left -= amount;
    return true;
  };
}

/** Ends what needs no work, and clears away what a killed worker left half-prepared. */
async function settleEarly(recipient: RunRecipientWork): Promise<void> {
  const earlier = recipient.work.deliveredByRunId;
  if (earlier !== null && !recipient.sendsKeysOnly) {
    await recipient.settle('unchanged', { deliveredByRunId: earlier });
    return;
  }
  await recipient.guard(async () => {
    await recipient.refresh();
    recipient.open();
    // Only a recipient that was being prepared can have uploads to clear away.
    if (recipient.work.state === 'preparing') await recipient.abortUploads();
  });
}
