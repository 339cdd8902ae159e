import type { ChildProcess } from 'node:child_process';
import { mkdir, realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CausewayError } from '@causeway/contract';
import { chooseAccount } from './choose-account.ts';
import {
  type ClusterPlace,
  type ClusterTools,
  clusterPlace,
  ensureCluster,
  notStartable,
  superuser,
} from './ensure-cluster.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { ownerSetting, readPostmasterFile, waitForPredecessor } from './postmaster.ts';
import { openServerLog } from './server-log.ts';
import { spawnTied, waitForExit } from './spawn-tied.ts';

export interface EmbeddedPostgresOptions {
  /** A folder for PostgreSQL alone; made when missing. */
  readonly dataDir: string;
  /** Gives the start up. */
  readonly signal?: AbortSignal;
  /** False: nothing is synced to disk. For tests, whose data is thrown away. Default true. */
  readonly durable?: boolean;
}

export interface EmbeddedPostgres {
  /** With the password in it: for connecting, never for showing. */
  readonly databaseUrl: string;
  readonly pid: number;
  /** Ends it in good order and waits until nothing of it runs. */
  stop(): Promise<void>;
}

/** Sized for a few dozen connections of one machine; everything bigger has a server of its own. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '16MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '128MB',
  max_parallel_workers_per_gather: '0',
  io_method: 'sync',
  huge_pages: 'off',
  jit: 'off',
  max_logical_replication_workers: '0',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
} as const;

const transientFailure =
  /pre-existing shared memory block|lock file "[^"]*" already exists|could not create any TCP\/IP sockets/;

/** Backends of a killed postmaster end within moments. */
const retryForMs = 10_000;

/** A fast shutdown writes a checkpoint; after this long it is cut short, which loses nothing. */
const patientStopMs = 10_000;

/**
 * Starts a real PostgreSQL from npm's binaries on 127.0.0.1 and a free port, on
 * files that are made on the first start. It ends when this process ends, however
 * it ends, and a folder left behind by a kill is recovered. Works as root too.
 *
 * @throws CausewayError `postgres_not_startable`, `data_dir_in_use`; the reason of `signal`.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  options.signal?.throwIfAborted();
  try {
    return await start(options);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || !systemErrors.has(code)) throw error;
    throw new CausewayError('postgres_not_startable', { reason: message }, { cause: error });
  }
}

/** What the file system says when the data folder is not fit. */
const systemErrors = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST']);

async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, signal, durable = true } = options;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const place = clusterPlace(await realpath(dataDir));
  const binaries = await findPostgresBinaries(place.dataDir);
  const account = await chooseAccount({ ...place, binary: binaries.initdb });
  const log = await openServerLog(place.dataDir, account);
  try {
    const env = environment(binaries);
    const tools: ClusterTools = { binaries, account, env, log, signal, durable };
    const password = await ensureCluster(place, tools);
    const { child, port } = await launch(place, tools);
    let stopping: Promise<void> | undefined;
    return {
      databaseUrl: `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`,
      pid: child.pid ?? 0,
      stop() {
        stopping ??= stopPostgres(child);
        return stopping;
      },
    };
  } finally {
    await log.close();
  }
}

/** No `PG*` variable of ours may change what PostgreSQL does. */
function environment(binaries: PostgresBinaries): Record<string, string> {
  return {
    // biome-ignore lint/style/noProcessEnv: no setting of ours, but where this machine keeps its programs
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    LC_ALL: 'C',
    TZ: 'UTC',
    ...(binaries.libraryDir === null ? {} : { LD_LIBRARY_PATH: binaries.libraryDir }),
  };
}

interface Launched {
  readonly child: ChildProcess;
  readonly port: number;
}

async function launch(place: ClusterPlace, tools: ClusterTools): Promise<Launched> {
  const { log, signal } = tools;
  const deadline = Date.now() + retryForMs;
  for (;;) {
    await waitForPredecessor(place.dataDir, place.pgData, signal);
    const seen = (await log.readText()).length;
    const port = await freePort();
    const child = spawnPostgres(place, tools, port);
    const end = await untilReady(child, place.pgData, signal);
    if (end === null) return { child, port };
    const said = (await log.readText()).slice(seen);
    if (!transientFailure.test(said) || Date.now() > deadline) {
      throw await notStartable('starting', end, tools);
    }
    await sleep(50, undefined, signal ? { signal } : {});
  }
}

function spawnPostgres(place: ClusterPlace, tools: ClusterTools, port: number): ChildProcess {
  const pairs = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { binaries, account, env, log, durable } = tools;
  pairs.push('-c', `fsync=${durable ? 'on' : 'off'}`);
  const command = [binaries.postgres, '-D', place.pgData, '-p', String(port), ...pairs];
  return spawnTied({
    command: [...command, '-c', ownerSetting(process.pid)],
    account,
    env,
    logFd: log.fd,
  });
}

/** Resolves with null once it takes connections, or with a word on how it ended. */
async function untilReady(
  child: ChildProcess,
  pgData: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  let end: string | undefined;
  const exit = waitForExit(child).then(
    (word) => {
      end = word;
    },
    (error: Error) => {
      end = error.message;
    },
  );
  for (;;) {
    if (signal?.aborted) {
      await stopPostgres(child);
      throw signal.reason;
    }
    if (end !== undefined) return end;
    const file = await readPostmasterFile(pgData);
    if (file?.pid === child.pid && file?.status === 'ready') return null;
    await Promise.race([exit, sleep(5)]);
  }
}

async function stopPostgres(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.ref();
  const exit = waitForExit(child);
  child.kill('SIGINT');
  const cutShort = setTimeout(() => child.kill('SIGQUIT'), patientStopMs);
  await exit;
  clearTimeout(cutShort);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
