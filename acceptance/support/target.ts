import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A running Causeway with its sandbox. */
export interface Target {
  readonly url: string;
  readonly sandboxUrl: string;
  readonly apiKey: string;
  readonly dataDir: string;
  call<T>(method: string, path: string, body?: unknown): Promise<Answer<T>>;
  stop(): Promise<void>;
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Starts `causeway dev` in an empty data folder, on any free port. */
export async function startTarget(args: readonly string[] = ['--no-sample']): Promise<Target> {
  const dataDir = await mkdtemp(join(tmpdir(), 'causeway-acceptance-'));
  return startIn(dataDir, args);
}

/** Starts it again in the same folder. */
export async function startIn(dataDir: string, args: readonly string[]): Promise<Target> {
  const child = fork(join(repository, 'packages/cli/src/main.ts'), ['dev', ...args], {
    cwd: repository,
    env: { PATH: process.env['PATH'], CAUSEWAY_DATA_DIR: dataDir, CAUSEWAY_PORT: '0' },
    execArgv: ['--experimental-strip-types', '--conditions=@causeway/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [ready] = (await Promise.race([once(child, 'message'), failed(child)])) as [
    { url: string; sandboxUrl: string },
  ];
  const { apiKey } = JSON.parse(await readFile(join(dataDir, 'client.json'), 'utf8')) as {
    apiKey: string;
  };
  return {
    ...ready,
    apiKey,
    dataDir,
    call: (method, path, body) => call(`${ready.url}${path}`, method, apiKey, body),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

export async function removeData(target: Target): Promise<void> {
  await rm(target.dataDir, { recursive: true, force: true });
}

async function failed(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`causeway dev ended with code ${code}`);
}

async function call<T>(
  url: string,
  method: string,
  apiKey: string,
  body: unknown,
): Promise<Answer<T>> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as T,
  };
}
