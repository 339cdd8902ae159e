/**
 * Watches who holds up a scan: its outputs advance together, so one bucket that takes its
 * parts slowly keeps the rows of all others waiting.
 */
export interface LaggardWatch<T> {
  /** The reading of its stream stands still for its bucket's sake; and goes on. */
  heldUp(item: T, isHeldUp: boolean): void;
  /** Its bucket has taken so many more bytes. */
  sent(item: T, bytes: number): void;
  /** Aborts when it is set aside. */
  signalOf(item: T): AbortSignal;
  isSetAside(item: T): boolean;
  stop(): void;
}

export interface LaggardRules {
  /** How long one may hold up the others in all. */
  readonly patienceMs: number;
  readonly now?: () => number;
}

/** A bucket that takes more than this is not set aside: its customer may just have most of the rows. */
const slowBytesPerSecond = 1024 ** 2;
/** One that is slower than the others by less than this shares its reason with them, as a narrow line. */
const timesTheOthers = 4;

interface Watched {
  readonly aside: AbortController;
  streamsHeldUp: number;
  since: number;
  totalMs: number;
  bytes: number;
}

/** Sets aside who holds up the others for longer than `patienceMs`, never all of them. */
export function watchLaggards<T>(items: readonly T[], rules: LaggardRules): LaggardWatch<T> {
  const { patienceMs, now = () => performance.now() } = rules;
  const watched = new Map(items.map((item) => [item, newWatched()] as const));
  const stateOf = (item: T): Watched => {
    const state = watched.get(item);
    if (!state) throw new Error('Cannot watch one who takes no part in the scan');
    return state;
  };
  const heldMs = (state: Watched) =>
    state.totalMs + (state.streamsHeldUp > 0 ? now() - state.since : 0);
  const look = () => {
    const inScan = [...watched.values()].filter(({ aside }) => !aside.signal.aborted);
    for (const state of inScan) {
      const held = heldMs(state);
      if (held < patienceMs || state.bytes >= (held / 1000) * slowBytesPerSecond) continue;
      const others = inScan.filter((other) => other !== state && !other.aside.signal.aborted);
      const usual = median(others.map(heldMs));
      if (usual === null || held <= timesTheOthers * usual) continue;
      state.aside.abort(new Error('It held up the others'));
    }
  };
  const timer = items.length > 1 ? setInterval(look, Math.max(20, patienceMs / 8)) : undefined;
  timer?.unref();
  return {
    heldUp(item, isHeldUp) {
      const state = stateOf(item);
      state.totalMs = heldMs(state);
      state.since = now();
      state.streamsHeldUp += isHeldUp ? 1 : -1;
    },
    sent: (item, bytes) => {
      stateOf(item).bytes += bytes;
    },
    signalOf: (item) => stateOf(item).aside.signal,
    isSetAside: (item) => stateOf(item).aside.signal.aborted,
    stop: () => clearInterval(timer),
  };
}

function newWatched(): Watched {
  return { aside: new AbortController(), streamsHeldUp: 0, since: 0, totalMs: 0, bytes: 0 };
}

/** Of two in the middle, the smaller. */
function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null;
}
