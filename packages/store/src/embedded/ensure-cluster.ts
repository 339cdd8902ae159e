import { randomBytes } from 'node:crypto';
import {
  chown,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { CausewayError } from '@causeway/contract';
import { isProcessAlive } from '../process-alive.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { ServerLog } from './server-log.ts';
import { type Account, spawnTied, waitForExit } from './spawn-tied.ts';

export const superuser = 'causeway';

export interface ClusterPlace {
  readonly dataDir: string;
  /** Appears as a whole, or not at all. */
  readonly clusterDir: string;
  readonly pgData: string;
  readonly passwordFile: string;
}

export function clusterPlace(dataDir: string): ClusterPlace {
  const clusterDir = join(dataDir, 'cluster');
  return { dataDir, clusterDir, ...contents(clusterDir) };
}

export interface ClusterTools {
  readonly binaries: PostgresBinaries;
  readonly account: Account;
  readonly env: Readonly<Record<string, string>>;
  readonly log: ServerLog;
  readonly signal: AbortSignal | undefined;
  readonly durable: boolean;
}

/**
 * Makes PostgreSQL's files unless they exist, and returns the superuser's password.
 *
 * They are made in a folder of their own that is renamed when complete, so that an
 * interruption, or a second process doing the same, leaves nothing half-made.
 *
 * @throws CausewayError `postgres_not_startable` when initdb fails, or when the
 * files are of another major version.
 */
export async function ensureCluster(place: ClusterPlace, tools: ClusterTools): Promise<string> {
  await removeLeftovers(place.dataDir);
  const version = await readVersion(place.pgData);
  if (version === null) {
    await createCluster(place, tools);
  } else if (version !== tools.binaries.majorVersion) {
    throw new CausewayError('postgres_not_startable', {
      reason: `"${place.pgData}" was written by PostgreSQL ${version}, and the installed one is ${tools.binaries.majorVersion}`,
    });
  }
  return (await readFile(place.passwordFile, 'utf8')).trim();
}

/** Says what PostgreSQL or the means of starting it said last. */
export async function notStartable(
  doing: string,
  end: string,
  { account, log }: Pick<ClusterTools, 'account' | 'log'>,
): Promise<CausewayError> {
  const line = (await log.lastLine()).replace(/^.*?(FATAL|ERROR|error): +/, '');
  const said = line === '' ? '' : ` and said "${line}"`;
  const remark = account.remark === null ? '' : `; ${account.remark}`;
  const reason = `${doing}, ${end}${said} (see "${log.path}")${remark}`;
  return new CausewayError('postgres_not_startable', { reason });
}

function contents(clusterDir: string) {
  return { pgData: join(clusterDir, 'data'), passwordFile: join(clusterDir, 'password') };
}

async function readVersion(pgData: string): Promise<string | null> {
  try {
    return (await readFile(join(pgData, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function createCluster(place: ClusterPlace, tools: ClusterTools): Promise<void> {
  const draftDir = await mkdtemp(join(place.dataDir, `initdb-${process.pid}-`));
  try {
    const draft = contents(draftDir);
    await mkdir(draft.pgData, { mode: 0o700 });
    await writeFile(draft.passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    const { uid, gid } = tools.account;
    if (uid !== null && gid !== null) {
      for (const path of [draft.pgData, draft.passwordFile, draftDir]) await chown(path, uid, gid);
    }
    await runInitdb(draft.pgData, draft.passwordFile, tools);
    await publish(draftDir, place);
  } finally {
    await rm(draftDir, { recursive: true, force: true });
  }
}

async function runInitdb(pgData: string, passwordFile: string, tools: ClusterTools): Promise<void> {
  const { binaries, account, env, log, signal, durable } = tools;
  signal?.throwIfAborted();
  const options = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-instructions'];
  const child = spawnTied({
    command: [
      binaries.initdb,
      `--pgdata=${pgData}`,
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      ...options,
      ...(durable ? [] : ['--no-sync']),
    ],
    account,
    env,
    logFd: log.fd,
  });
  child.ref();
  const interrupt = () => child.kill('SIGINT');
  signal?.addEventListener('abort', interrupt);
  try {
    const end = await waitForExit(child);
    signal?.throwIfAborted();
    if (child.exitCode !== 0) {
      throw await notStartable('making its files', end, tools);
    }
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}

async function publish(draftDir: string, place: ClusterPlace): Promise<void> {
  try {
    await rename(draftDir, place.clusterDir);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // Another process was faster; its files are as good as ours.
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
    throw error;
  }
  const folder = await open(place.dataDir);
  await folder.sync();
  await folder.close();
}

async function removeLeftovers(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    const pid = /^initdb-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isProcessAlive(Number(pid))) continue;
    // An initdb that is just ending may still write there; the next start tries again.
    await rm(join(dataDir, name), { recursive: true, force: true }).catch(() => {});
  }
}
