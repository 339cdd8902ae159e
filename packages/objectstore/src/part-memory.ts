import { openSpillFile, type SpillFile } from './spill-file.ts';

/**
 * The memory that the parts of all uploads of a process may take together.
 *
 * An upload fills its parts in memory as far as its fair share goes. What does not fit
 * goes to a file, and is read back when its part is sent: so however many uploads there
 * are and however slow some of their buckets, memory stays within the limit (and 64 KiB
 * for each upload), and none waits for memory that another will not give back. Disk is
 * bounded too: by one part for each upload, as no more than one is being filled.
 */
export interface PartMemory {
  join(): MemoryShare;
  /** Taken at this moment. */
  usedBytes(): number;
}

/** One upload's part in it. */
export interface MemoryShare {
  /** Takes memory for what is being filled; false when that is beyond the upload's share. */
  tryTake(bytes: number): boolean;
  /** Takes memory without which no part can begin, whatever the limit. */
  takeFirst(bytes: number): void;
  give(bytes: number): void;
  /** Whether memory that is not in use now may be kept for the next part. */
  mayKeep(): boolean;
  /** Waits for memory for bytes that are about to be sent; rejects with what aborts `signal`. */
  takeToSend(bytes: number, signal: AbortSignal): Promise<void>;
  giveSent(bytes: number): void;
  spill(): Promise<SpillFile>;
  /** Gives all back. */
  leave(): void;
}

export interface PartMemoryOptions {
  readonly limitBytes: number;
  /** Where parts go that find no room. For this machine only; it is made if missing. */
  readonly spillDir: string;
}

/** With so few uploads each may take its share of everything: one alone should never spill. */
const few = 4;

interface Holder {
  filling: number;
  sending: number;
}

interface Waiting {
  readonly holder: Holder;
  readonly bytes: number;
  readonly go: () => void;
}

export function createPartMemory({ limitBytes, spillDir }: PartMemoryOptions): PartMemory {
  const holders = new Set<Holder>();
  const waiting = new Set<Waiting>();
  const total = { filling: 0, sending: 0 };
  const usedBytes = () => total.filling + total.sending;
  // The rest stays free for parts that are read back, so that they go on side by side.
  const toFill = () => (holders.size <= few ? limitBytes : limitBytes / 2);
  const change = (holder: Holder, kind: keyof Holder, bytes: number) => {
    holder[kind] += bytes;
    total[kind] += bytes;
  };
  /** Several parts at a time only within its share: a bucket that is stuck keeps no more from others. */
  const isItsTurn = ({ holder, bytes }: Waiting) =>
    holder.sending === 0 || holder.sending + bytes <= limitBytes / holders.size;
  /** Lets in those that wait, first of all the uploads that send least. */
  const admit = () => {
    for (;;) {
      const inTurn = [...waiting].filter(isItsTurn);
      const next = inTurn.toSorted((a, b) => a.holder.sending - b.holder.sending)[0];
      if (!next) return;
      // One is let in whatever else is taken: it is sent, and gives its memory back.
      if (total.sending > 0 && usedBytes() + next.bytes > limitBytes) return;
      waiting.delete(next);
      change(next.holder, 'sending', next.bytes);
      next.go();
    }
  };
  const give = (holder: Holder, kind: keyof Holder, bytes: number) => {
    change(holder, kind, -bytes);
    admit();
  };
  const takeToSend = (holder: Holder, bytes: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const abort = () => {
        waiting.delete(mine);
        reject(signal.reason);
      };
      const go = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const mine: Waiting = { holder, bytes, go };
      signal.addEventListener('abort', abort, { once: true });
      waiting.add(mine);
      admit();
    });
  return {
    usedBytes,
    join() {
      const holder: Holder = { filling: 0, sending: 0 };
      holders.add(holder);
      const held = () => holder.filling + holder.sending;
      return {
        tryTake(bytes) {
          if (usedBytes() + bytes > toFill()) return false;
          if (held() + bytes > toFill() / holders.size) return false;
          change(holder, 'filling', bytes);
          return true;
        },
        takeFirst: (bytes) => change(holder, 'filling', bytes),
        give: (bytes) => give(holder, 'filling', bytes),
        mayKeep: () => waiting.size === 0 && held() <= toFill() / holders.size,
        takeToSend: (bytes, signal) => takeToSend(holder, bytes, signal),
        giveSent: (bytes) => give(holder, 'sending', bytes),
        spill: () => openSpillFile(spillDir),
        leave() {
          holders.delete(holder);
          give(holder, 'filling', holder.filling);
          give(holder, 'sending', holder.sending);
        },
      };
    },
  };
}

/** For an upload by itself: it takes what its parts under way at a time need. */
export const ownMemory: MemoryShare = {
  tryTake: () => true,
  takeFirst: () => undefined,
  give: () => undefined,
  mayKeep: () => true,
  takeToSend: async () => undefined,
  giveSent: () => undefined,
  spill: () => Promise.reject(new Error('Cannot spill: there is memory')),
  leave: () => undefined,
};
