/** How long one request may take. */
export interface RequestTime {
  /** Besides what its body takes. */
  readonly timeoutMs: number;
  /** A body that moves slower than this is given up. */
  readonly slowestBytesPerSecond: number;
}

/**
 * S3 may take minutes to complete an upload of many parts, and sends spaces meanwhile
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html). A line on
 * which a part of 16 MiB takes another eight minutes is of no use to a delivery.
 */
export const usualRequestTime: RequestTime = {
  timeoutMs: 300_000,
  slowestBytesPerSecond: 32 * 1024,
};

/**
 * Gives up a request that goes on and on though bytes move, which no limit for a silent
 * connection notices: a bucket that takes a byte a second must not keep a delivery forever.
 *
 * @throws an error named `TimeoutError`; like any lost answer it leaves open whether the
 * request took effect.
 */
export async function withDeadline<T>(
  { timeoutMs, slowestBytesPerSecond }: RequestTime,
  { bytes, signal }: { readonly bytes: number; readonly signal: AbortSignal | undefined },
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const milliseconds = timeoutMs + (bytes / slowestBytesPerSecond) * 1000;
  const over = new AbortController();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    over.abort();
  }, milliseconds);
  // Not by `AbortSignal.any`, which costs a request more than its timer.
  const stop = () => over.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  try {
    return await send(over.signal);
  } catch (error) {
    if (!isLate || signal?.aborted) throw error;
    const late = new Error(`it was not done within ${Math.ceil(milliseconds / 1000)} seconds`, {
      cause: error,
    });
    late.name = 'TimeoutError';
    throw late;
  } finally {
    signal?.removeEventListener('abort', stop);
    clearTimeout(timer);
  }
}
