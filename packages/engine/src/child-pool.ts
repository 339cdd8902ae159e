import { type EngineChild, startChild } from './start-child.ts';

/** Processes for jobs: each gets one of its own, started ahead when asked for. */
export interface ChildPool {
  take(): EngineChild;
  warm(): void;
  close(): Promise<void>;
}

const idleMilliseconds = 60_000;

export function createChildPool(cacheDir: string): ChildPool {
  let spare: EngineChild | undefined;
  let timer: NodeJS.Timeout | undefined;
  const takeSpare = (): EngineChild | undefined => {
    const taken = spare;
    spare = undefined;
    clearTimeout(timer);
    return taken;
  };
  const drop = async (): Promise<void> => takeSpare()?.kill();
  return {
    take: () => {
      const child = takeSpare();
      return child?.isUsable() ? child : startChild(cacheDir);
    },
    warm: () => {
      if (spare?.isUsable()) return;
      spare = startChild(cacheDir);
      timer = setTimeout(() => void drop(), idleMilliseconds).unref();
    },
    close: drop,
  };
}
