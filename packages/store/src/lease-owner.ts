import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { randomDigits } from '@causeway/contract';
import { isProcessAlive } from './process-alive.ts';

/**
 * Names this process as the holder of leases: `<hostname>/<pid>/<random>`.
 *
 * The hostname is followed by a mark of the running system and of the space that
 * process ids are counted in: containers may share a hostname, and then nothing can be
 * told of each other's processes.
 */
export function newLeaseOwner(): string {
  return `${hostname()}.${systemMark()}/${process.pid}/${randomDigits(10)}`;
}

/**
 * Whether the holder of a lease is certainly gone: a process of our host that does
 * not exist, or one that had our process id before us.
 */
export function isHolderGone(holder: string, self: string): boolean {
  const [host, pidText, random] = holder.split('/');
  const [ownHost, ownPidText, ownRandom] = self.split('/');
  if (host !== ownHost || pidText === undefined) return false;
  if (pidText === ownPidText) return random !== ownRandom;
  const pid = Number(pidText);
  return Number.isInteger(pid) && pid > 0 && !isProcessAlive(pid);
}

function systemMark(): string {
  const boot = readOr(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const pidSpace = readOr(() => readlinkSync('/proc/self/ns/pid'));
  return createHash('sha256').update(`${boot}${pidSpace}`).digest('hex').slice(0, 8);
}

/** Empty where the system has no such thing. */
function readOr(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
