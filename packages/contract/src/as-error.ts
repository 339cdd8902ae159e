/** What a signal was aborted with, for streams that are destroyed with it. */
export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('The unload was aborted', { cause: reason });
}
