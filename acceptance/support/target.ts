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
export async function startTarget(
  args: readonly string[] = ['--no-sample'],
  environment: Readonly<Record<string, string>> = {},
): Promise<Target> {
  const dataDir = await mkdtemp(join(tmpdir(), 'causeway-acceptance-'));
  return startIn(dataDir, args, environment);
}

/** Starts it again in the same folder. */
export async function startIn(
  dataDir: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Target> {
  const own = { CAUSEWAY_DATA_DIR: dataDir, ...environment };
  const { child, stop } = openCommand(['dev', ...args], own);
  const ready = await readyMessage<{ url: string; sandboxUrl: string }>(child);
  const { apiKey } = JSON.parse(await readFile(join(dataDir, 'client.json'), 'utf8')) as {
    apiKey: string;
  };
  return { ...ready, apiKey, dataDir, call: callsOf(ready.url, apiKey), stop };
}

/** Starts `causeway serve`, as production does, against whatever AWS `environment` names. */
export async function startServer(
  environment: Readonly<Record<string, string>>,
): Promise<Omit<Target, 'sandboxUrl'>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'causeway-acceptance-'));
  const { child, stop } = openCommand(['serve'], { CAUSEWAY_DATA_DIR: dataDir, ...environment });
  let printed = '';
  const started = new Promise<void>((resolve) => {
    child.stdout?.on('data', (piece: Buffer) => {
      printed += piece.toString();
      if (printed.includes('API key')) resolve();
    });
  });
  await Promise.race([started, failed(child)]);
  const url = /causeway ready (\S+)/.exec(printed)?.[1] ?? '';
  const apiKey = /API key[^:]*: (\S+)/.exec(printed)?.[1] ?? '';
  return { url, apiKey, dataDir, call: callsOf(url, apiKey), stop };
}

/** What a command tells the process that forked it, once it is ready. */
export async function readyMessage<T>(child: ChildProcess): Promise<T> {
  const [ready] = (await Promise.race([once(child, 'message'), failed(child)])) as [T];
  return ready;
}

/** Starts `causeway` with these arguments; what it prints is for whoever listens. */
export function openCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
) {
  const child = fork(join(repository, 'packages/cli/src/main.ts'), [...args], {
    cwd: repository,
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      CAUSEWAY_PORT: '0',
      ...environment,
    },
    execArgv: ['--experimental-strip-types', '--conditions=@causeway/source'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  child.stdout?.resume();
  const stop = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  return { child, stop };
}

/** Calls the API with a token, or without any. */
export function callsOf(url: string, token: string | null): Target['call'] {
  return (method, path, body) => call(`${url}${path}`, method, token, body);
}

export async function removeData(target: { readonly dataDir: string }): Promise<void> {
  await rm(target.dataDir, { recursive: true, force: true });
}

async function failed(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`causeway ended with code ${code}`);
}

async function call<T>(
  url: string,
  method: string,
  token: string | null,
  body: unknown,
): Promise<Answer<T>> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
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
