import { execFile } from 'node:child_process';
import { chown, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CausewayError } from '@causeway/contract';
import { hasProcess, isProcessAlive } from '../process-alive.ts';

/** What `postmaster.pid` says. */
export interface PostmasterFile {
  readonly pid: number;
  readonly status: 'starting' | 'stopping' | 'ready' | 'unknown';
}

interface RunningPostmaster extends PostmasterFile {
  /** The Causeway process that started it; null when somebody else did. */
  readonly ownerPid: number | null;
}

/** A postmaster whose owner has ended needs no longer than this to end by itself. */
const patienceMs = 2_000;
const longestWaitMs = 15_000;

/** The setting by which a postmaster tells whose it is to anybody who reads its command line. */
export function ownerSetting(pid: number): string {
  return `cluster_name=causeway-${pid}`;
}

export async function readPostmasterFile(pgData: string): Promise<PostmasterFile | null> {
  const text = await readFile(join(pgData, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  const status = lines[7]?.trim();
  const known = status === 'starting' || status === 'stopping' || status === 'ready';
  return { pid, status: known ? status : 'unknown' };
}

/**
 * Waits until no PostgreSQL runs on the folder: one whose owner was killed, or has
 * stopped it, is on its way out.
 *
 * @throws CausewayError `data_dir_in_use` when its owner lives and goes on using it.
 */
export async function waitForPredecessor(
  dataDir: string,
  pgData: string,
  signal?: AbortSignal,
): Promise<void> {
  const start = Date.now();
  let interrupted = false;
  for (;;) {
    const found = await findPostmaster(pgData);
    if (!found) return;
    const ownerLives = found.ownerPid !== null && isProcessAlive(found.ownerPid);
    if (ownerLives && found.status !== 'stopping') {
      throw new CausewayError('data_dir_in_use', { dataDir, pid: found.ownerPid ?? found.pid });
    }
    const waited = Date.now() - start;
    if (found.ownerPid === null || waited > longestWaitMs) {
      throw new CausewayError('data_dir_in_use', { dataDir, pid: found.pid });
    }
    if (waited > patienceMs && !interrupted && !ownerLives) {
      interrupted = true;
      process.kill(found.pid, 'SIGINT');
    }
    await sleep(20, undefined, signal ? { signal } : {});
  }
}

async function findPostmaster(pgData: string): Promise<RunningPostmaster | null> {
  const file = await readPostmasterFile(pgData);
  if (!file || !hasProcess(file.pid)) return null;
  const command = isProcessAlive(file.pid) ? await commandOf(file.pid) : '';
  if (!command.includes(pgData)) {
    await disownPid(pgData, file.pid);
    return null;
  }
  const owner = /cluster_name=causeway-(\d+)/.exec(command)?.[1];
  return { ...file, ownerPid: owner === undefined ? null : Number(owner) };
}

/**
 * After a crash the recorded number may have gone to another process, or be that of
 * a zombie that nobody collects, and PostgreSQL would refuse to start. Our own number in its place makes it look
 * further, since a parent cannot be a postmaster; removing the file would also
 * remove its check for backends that are still alive.
 */
async function disownPid(pgData: string, pid: number): Promise<void> {
  if (pid === process.pid) return;
  const path = join(pgData, 'postmaster.pid');
  const text = await readFile(path, 'utf8').catch(() => '');
  if (!text.startsWith(`${pid}\n`)) return;
  const { uid, gid, mode } = await stat(path);
  const replacement = `${path}.${process.pid}`;
  await writeFile(replacement, text.replace(/^\d+/, String(process.pid)), { mode: mode & 0o777 });
  await chown(replacement, uid, gid);
  await rename(replacement, path);
}

/** The command line of a process; empty when it has just ended. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text.replaceAll('\0', ' ');
  }
  const run = promisify(execFile);
  return run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => '',
  );
}
