/**
 * How many requests one bucket is sent at once. S3 answers 503 SlowDown while it spreads
 * load, and less at a time is what it asks for:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
 */
export interface RequestPace {
  /**
   * Sends when there is a place. What was too much halves the places; each success adds a
   * share of one, so that as many successes as there are places add a whole one.
   */
  send<T>(request: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Whole places, from 1. */
  places(): number;
}

export function requestPace(options: {
  readonly mostAtOnce: number;
  readonly isTooMuch: (error: unknown) => boolean;
}): RequestPace {
  const { mostAtOnce, isTooMuch } = options;
  const waiting = new Set<() => void>();
  let limit = mostAtOnce;
  let underWay = 0;
  let sent = 0;
  /** Those sent up to here knew nothing of the last halving yet: they halve no more. */
  let halvedAt = 0;
  const places = () => Math.max(1, Math.floor(limit));

  const wakeWaiting = () => {
    for (const wake of [...waiting].slice(0, Math.max(0, places() - underWay))) wake();
  };
  const enter = async (signal?: AbortSignal) => {
    while (underWay >= places() && !signal?.aborted) await placeOrAbort(waiting, signal);
    // The place that it was woken for is another's now.
    if (signal?.aborted) wakeWaiting();
    signal?.throwIfAborted();
    underWay++;
  };
  const leave = () => {
    underWay--;
    wakeWaiting();
  };
  return {
    places,
    async send(request, signal) {
      await enter(signal);
      const number = ++sent;
      try {
        const answer = await request();
        limit = Math.min(mostAtOnce, limit + 1 / limit);
        return answer;
      } catch (error) {
        if (isTooMuch(error) && number > halvedAt) {
          limit = Math.max(1, limit / 2);
          halvedAt = sent;
        }
        throw error;
      } finally {
        leave();
      }
    },
  };
}

function placeOrAbort(waiting: Set<() => void>, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      waiting.delete(wake);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    waiting.add(wake);
    signal?.addEventListener('abort', wake, { once: true });
  });
}
