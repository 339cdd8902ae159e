import { CausewayError } from './errors.ts';

/** What the system says of a disk that takes no more, by its code or through another program. */
const fullDisk = /No space left on device|Disk quota exceeded|\bENOSPC\b|\bEDQUOT\b/;

/**
 * `disk_full` in place of what was thrown because this machine's disk was full, by a call of the file
 * system or by a program that was run; anything else as it is. `what` found no room.
 */
export function explainFullDisk(error: unknown, what: string): unknown {
  if (!(error instanceof Error) || CausewayError.is(error) || !('code' in error)) return error;
  // A server that is asked may say the same of its own disk, which is none of these.
  const words = 'stderr' in error ? error.stderr : error.code;
  return fullDisk.test(String(words))
    ? new CausewayError('disk_full', { what }, { cause: error })
    : error;
}
