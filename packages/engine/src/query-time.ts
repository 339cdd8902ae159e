import { CausewayError } from '@causeway/contract';
import type { EngineSource } from './engine-source.ts';

/** `signal`, which a source with a query aborts by itself when its time is over. */
export function queryTime(
  { query }: EngineSource,
  { queryTimeLimitSeconds: seconds }: { readonly queryTimeLimitSeconds: number },
  signal: AbortSignal | undefined,
): AbortSignal | undefined {
  if (query === undefined) return signal;
  const over = new AbortController();
  const reason = `it took longer than ${seconds} seconds`;
  const end = () => over.abort(new CausewayError('query_not_usable', { reason }));
  setTimeout(end, seconds * 1000).unref();
  return AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
}
