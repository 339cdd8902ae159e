import { commitRecipient } from './commit.ts';
import type { RunWork } from './journal.ts';
import type { RunRecipientWork } from './recipient.ts';
import type { RunDeps } from './run-deps.ts';
import { createPlaces, type Tasks } from './tasks.ts';

const atOnce = 32;

/**
 * Ends a run that is to be cancelled: a delivery that has begun to become visible is finished
 * from the journal, and of all others nothing stays behind.
 */
export function endCancelled(
  run: RunWork,
  recipients: readonly RunRecipientWork[],
  deps: RunDeps,
  tasks: Tasks,
): void {
  const place = createPlaces(atOnce);
  for (const recipient of recipients) {
    if (recipient.isSettled) continue;
    const end = () =>
      recipient.progress === 'committing'
        ? recipient.guard(() => commitRecipient(run, recipient, deps))
        : recipient.cancel();
    tasks.start(() => place(end));
  }
}
