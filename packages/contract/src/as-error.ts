/** What was thrown, or what a signal was aborted with, for streams that are destroyed with it. */
export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason), { cause: reason });
}
