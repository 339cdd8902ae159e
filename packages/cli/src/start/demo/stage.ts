import type { ChildProcess } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { getCompileCacheDir } from 'node:module';
import { join } from 'node:path';
import { type Client, createClient } from '@causeway/sdk';
import {
  type Configuration,
  jsonLinesLog,
  parseConfiguration,
  startServer,
} from '@causeway/server';
import { startEmbeddedPostgres } from '@causeway/store';
import { firstMessage, forkCommand, stopChild } from '../child.ts';
import { onSandbox } from '../run-dev.ts';
import { startSandboxProcess } from '../sandbox-process.ts';

/** What the demo stands on: a sandbox, a database, the API, and workers that may be killed. */
export interface Stage {
  readonly sandboxUrl: string;
  readonly serverUrl: string;
  readonly client: Client;
  readonly tempDir: string;
  /** A worker process of its own, ready for runs. */
  startWorker(): Promise<ChildProcess>;
  close(): Promise<void>;
}

/** Followed by the id of the process whose demo it is. */
const folderPrefix = 'demo-';

/** Starts everything afresh in a folder of its own, which is removed again on close. */
export async function openStage(): Promise<Stage> {
  const given = parseConfiguration(process.env);
  await removeAbandoned(given.dataDir);
  const dataDir = join(given.dataDir, `${folderPrefix}${process.pid}`);
  await mkdir(dataDir, { recursive: true });
  const closing: (() => Promise<unknown>)[] = [() => rm(dataDir, { recursive: true, force: true })];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const sandbox = await startSandboxProcess({ dataDir: join(dataDir, 'sandbox') });
    closing.push(() => sandbox.stop());
    const database = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') });
    closing.push(() => database.stop());
    const configuration = await onSandbox(
      { ...given, dataDir, port: 0, databaseUrl: database.databaseUrl },
      sandbox.url,
    );
    const log = jsonLinesLog(() => {});
    const server = await startServer({ configuration, log, worker: false });
    closing.push(() => server.close());
    if (!server.firstApiKey) throw new Error('Cannot run the demo: its server made no API key');
    return {
      sandboxUrl: sandbox.url,
      serverUrl: server.url,
      client: createClient({ baseUrl: server.url, apiKey: server.firstApiKey }),
      tempDir: dataDir,
      async startWorker() {
        const child = forkCommand(['worker'], {
          env: environmentOf(configuration),
          stdio: 'ignore',
        });
        closing.push(() => stopChild(child));
        await firstMessage(child, 'a worker');
        return child;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Removes what demos left that were killed; others may be running. */
async function removeAbandoned(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((found) => found.startsWith(folderPrefix))) {
    const pid = Number(name.slice(folderPrefix.length));
    if (Number.isNaN(pid) || (pid !== process.pid && isRunning(pid))) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The same configuration for another process, as its environment. */
function environmentOf(configuration: Configuration): NodeJS.ProcessEnv {
  const { aws, databaseUrl, dataDir, sourceDirs, memoryLimitMb, threads } = configuration;
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    NODE_COMPILE_CACHE: getCompileCacheDir(),
    CAUSEWAY_DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl ?? '',
    CAUSEWAY_AWS_ENDPOINT: aws.endpoint ?? '',
    CAUSEWAY_AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: aws.credentials?.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.credentials?.secretAccessKey,
    CAUSEWAY_SOURCE_DIRS: sourceDirs.join(':'),
    CAUSEWAY_MEMORY_LIMIT_MB: String(memoryLimitMb),
    CAUSEWAY_THREADS: String(threads),
  };
}
