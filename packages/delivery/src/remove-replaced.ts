import { CausewayError, type RunFailure } from '@causeway/contract';
import type { WrittenObject } from '@causeway/objectstore';
import type { ReplacedFile, RunWork } from './journal.ts';
import type { RunRecipientWork } from './recipient.ts';
import type { RunDeps } from './run-deps.ts';

/** How many files are deleted at once. Each is a request: not every store deletes many by one. */
const concurrentRemovals = 16;

/** What the runs before have left that this one replaces; nothing unless the delivery overwrites. */
export async function replacedFiles(
  { lease, delivery }: RunWork,
  { customerId }: RunRecipientWork,
  { journal }: RunDeps,
): Promise<readonly ReplacedFile[]> {
  return delivery.writeMode === 'overwrite' ? journal.replacedFiles(lease, customerId) : [];
}

/**
 * Deletes the files that a run has replaced: known by the journal, of this delivery's own runs
 * for this customer, and nothing else. Called when the manifest that replaces them is
 * written. Deleting is safe to repeat, so a worker that takes the run up goes on with it.
 *
 * What cannot be deleted fails no delivery: it is told of, and tried again by the next run.
 */
export async function removeReplaced(
  { lease }: RunWork,
  recipient: RunRecipientWork,
  replaced: {
    readonly files: readonly ReplacedFile[];
    /** Of the manifest's being there. */
    readonly proof: WrittenObject['proof'];
  },
  { journal }: RunDeps,
): Promise<RunFailure | null> {
  const { files, proof } = replaced;
  const [first] = files;
  if (!first) return null;
  try {
    if (proof === 'unverified') {
      const reason = 'the role may not read, so that the new manifest is there cannot be proved';
      throw new CausewayError('replaced_files_stay', { count: files.length, reason });
    }
    const within = files.filter(({ key }) => recipient.owns(key));
    const bucket = within.length > 0 ? recipient.openToRemove() : null;
    try {
      for (let start = 0; start < within.length; start += concurrentRemovals) {
        const batch = within.slice(start, start + concurrentRemovals);
        const removals = batch.map(async ({ key }) => bucket?.deleteObject(key));
        const refused = (await Promise.allSettled(removals)).find(
          (removal) => removal.status === 'rejected',
        );
        if (refused) throw refused.reason;
        await journal.recordRemoved(lease, batch);
      }
    } finally {
      bucket?.close();
    }
    recipient.log('recipient:removed', `${within.length} files of earlier runs`);
    const count = files.length - within.length;
    if (count === 0) return null;
    const reason = 'they lie where this delivery wrote before its place was changed';
    throw new CausewayError('replaced_files_stay', { count, reason });
  } catch (error) {
    if (recipient.mustPassOn(error)) throw error;
    recipient.log('recipient:unremoved', String(error), error);
    return recipient.failureOf(error);
  }
}
