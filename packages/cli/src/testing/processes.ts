import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
}

/** Every process that comes from `pid`, itself included. */
export async function familyOf(pid: number): Promise<number[]> {
  const all = await listProcesses();
  const family = [pid];
  for (const member of family) {
    family.push(...all.filter(({ parent }) => parent === member).map((child) => child.pid));
  }
  return family;
}

/** Waits until none of these is left; gives back those that still are when patience ends. */
export async function waitUntilGone(
  pids: readonly number[],
  patienceMs = 30_000,
): Promise<number[]> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const running = await listProcesses();
    const left = running.filter(({ pid, state }) => pids.includes(pid) && !state.startsWith('Z'));
    if (left.length === 0 || performance.now() > deadline) return left.map(({ pid }) => pid);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function listProcesses(): Promise<Running[]> {
  const { stdout } = await run('ps', ['-ax', '-o', 'pid=,ppid=,state=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent, state = ''] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), state };
    });
}
