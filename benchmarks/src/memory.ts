import { readdirSync, readFileSync } from 'node:fs';

/**
 * Memory of processes and all their descendants, in MB: the proportional set size,
 * which counts a page shared by several of them once.
 */
export function memoryMb(roots: readonly number[]): number {
  return withDescendants(roots).reduce((sum, pid) => sum + proportionalMb(pid), 0);
}

/** Processes and all that they have started, directly or not. */
export function withDescendants(roots: readonly number[]): number[] {
  const parents = parentsByPid();
  return [...parents.keys()].filter((pid) => isWithin(pid, roots, parents));
}

/** Watches until stopped; gives the highest reading. */
export function watchPeakMemory(roots: readonly number[], everyMs = 50): () => number {
  let peak = 0;
  const read = () => {
    peak = Math.max(peak, memoryMb(roots));
  };
  const timer = setInterval(read, everyMs);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function parentsByPid(): Map<number, number> {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = /\nPPid:\t(\d+)/.exec(read(`/proc/${name}/status`))?.[1];
    if (parent) parents.set(Number(name), Number(parent));
  }
  return parents;
}

function isWithin(
  pid: number,
  roots: readonly number[],
  parents: ReadonlyMap<number, number>,
): boolean {
  for (let current: number | undefined = pid; current; current = parents.get(current)) {
    if (roots.includes(current)) return true;
  }
  return false;
}

function proportionalMb(pid: number): number {
  const kilobytes = /\nPss:\s+(\d+) kB/.exec(read(`/proc/${pid}/smaps_rollup`))?.[1];
  return Number(kilobytes ?? 0) / 1000;
}

/** A process may be gone by the time it is looked at. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
