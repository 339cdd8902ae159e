import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { explainFullDisk } from '@causeway/contract';

/**
 * The folder of one job: links to its files, FIFOs, the spill. Its name says which
 * process made it, so that what a killed process left can be told from what is in use.
 */
export interface WorkFolder {
  readonly path: string;
  /** Makes a file readable to the job under a name without surprises. */
  link(name: string, target: string): Promise<void>;
  makeFifos(names: readonly string[]): Promise<void>;
  remove(): Promise<void>;
}

const prefix = 'engine-';

/** What there is no room for, when the disk is full. */
export const temporaryFiles = 'the temporary files of a query';

/** @throws CausewayError `disk_full`. */
export async function createWorkFolder(tempDir: string): Promise<WorkFolder> {
  const path = await mkdtemp(join(tempDir, `${prefix}${ownProcess()}-`)).catch((error: unknown) => {
    throw explainFullDisk(error, temporaryFiles);
  });
  return {
    path,
    link: (name, target) => symlink(target, join(path, name)),
    makeFifos: (names) => makeFifos(path, names),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/**
 * Removes the folders of processes that are gone. `tempDir` must belong to this
 * machine alone: another's processes look gone from here.
 */
export async function sweepWorkFolders(tempDir: string): Promise<void> {
  mkdirSync(tempDir, { recursive: true });
  for (const name of await readdir(tempDir)) {
    const [, pid, start] = /^engine-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || startTime(Number(pid)) === start) continue;
    await rm(join(tempDir, name), { recursive: true, force: true });
  }
}

function ownProcess(): string {
  return `${process.pid}-${startTime(process.pid) ?? '0'}`;
}

/** Together with the process id it names a process for good; undefined when it is gone. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22, counted from behind the name, which may hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return isAlive(pid) ? '0' : undefined;
  }
}

/** For systems without /proc, where only the process id can be told. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function makeFifos(folder: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  for (const parent of new Set(names.map(dirname))) {
    await mkdir(join(folder, parent), { recursive: true });
  }
  // Node has no call for it. A scan's names fit on one command line.
  await promisify(execFile)('mkfifo', ['-m', '600', '--', ...names], { cwd: folder });
}
