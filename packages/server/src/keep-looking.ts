export interface Looking<T> {
  /** The next thing to do, which nobody else has; null when there is none. */
  readonly take: () => Promise<T | null>;
  readonly act: (found: T, signal: AbortSignal) => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** How many things are done at once. */
  readonly lanes: number;
  readonly lookMs: number;
}

export interface Watch {
  /** Takes nothing new, ends what is in hand and waits for that. */
  stop(): Promise<void>;
}

/** Looks for things to do for as long as this process runs: at once, and then every few seconds. */
export function keepLooking<T>({ take, act, onError, lanes: most, lookMs }: Looking<T>): Watch {
  const stopped = new AbortController();
  const lanes = new Set<Promise<void>>();
  const startLane = () => {
    if (lanes.size >= most || stopped.signal.aborted) return;
    const lane = work().finally(() => lanes.delete(lane));
    lanes.add(lane);
  };
  /** One lane looks; the next is started only when there was something to do. */
  const work = async () => {
    try {
      while (!stopped.signal.aborted) {
        const found = await take();
        if (found === null) return;
        startLane();
        await act(found, stopped.signal);
      }
    } catch (error) {
      onError(error);
    }
  };
  startLane();
  const timer = setInterval(startLane, lookMs);
  return {
    async stop() {
      clearInterval(timer);
      stopped.abort();
      while (lanes.size > 0) await Promise.all(lanes);
    },
  };
}
