import { type EngineChild, startChild } from './start-child.ts';

/** Processes for jobs: each gets one of its own, started ahead when asked for. */
export interface ChildPool {
  take(): EngineChild;
  /** Puts one that has done its job by for another. */
  give(child: EngineChild): void;
  warm(): void;
  close(): Promise<void>;
}

const idleMilliseconds = 60_000;

export function createChildPool(cacheDir: string): ChildPool {
  const waiting = new Map<EngineChild, NodeJS.Timeout>();
  const forget = (child: EngineChild): void => {
    clearTimeout(waiting.get(child));
    waiting.delete(child);
  };
  const drop = async (child: EngineChild): Promise<void> => {
    forget(child);
    await child.kill();
  };
  const keep = (child: EngineChild): void => {
    waiting.set(child, setTimeout(() => void drop(child), idleMilliseconds).unref());
  };
  const usable = (): EngineChild | undefined => {
    for (const child of [...waiting.keys()]) {
      if (child.isUsable()) return child;
      forget(child);
    }
    return undefined;
  };
  return {
    take: () => {
      const child = usable();
      if (!child) return startChild(cacheDir);
      forget(child);
      return child;
    },
    give: (child) => {
      child.rest();
      keep(child);
    },
    warm: () => {
      if (!usable()) keep(startChild(cacheDir));
    },
    close: async () => {
      await Promise.all([...waiting.keys()].map(drop));
    },
  };
}
