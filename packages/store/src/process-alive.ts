import { readFileSync } from 'node:fs';

/**
 * Whether a process of this machine is alive. One that has ended and only waits
 * for its parent to notice (a zombie) is not.
 */
export function isProcessAlive(pid: number): boolean {
  return hasProcess(pid) && !isZombie(pid);
}

/** Whether the system still counts a process, alive or not. */
export function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before the state is in parentheses and may itself hold any character.
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}
