import { type ChildProcess, type ChildProcessByStdio, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Finished, Order } from './command-host.ts';

export type { Finished };

const flags = ['--experimental-strip-types', '--conditions=@causeway/source'];
const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** A folder of a test's own, and the environment that keeps everything inside it. */
export interface Place {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

export async function makePlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-cli-'));
  return {
    folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
      HOME: folder,
      CAUSEWAY_DATA_DIR: join(folder, 'data'),
    },
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/**
 * Runs `causeway <args>` to its end, as a process of its own. Without input, it reads nothing.
 * Where only what a command does matters, {@link runCommand} is the cheaper one.
 */
export async function runProcess(
  place: Place,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input?: string,
): Promise<Finished> {
  const child = spawn(process.execPath, [...flags, main, ...args], {
    cwd: place.folder,
    env: { ...place.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A command that fails early does not wait for its input.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [[exitCode], stdout, stderr] = await Promise.all([
    once(child, 'exit') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { exitCode, stdout, stderr };
}

let host: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs `causeway <args>` to its end, in a process that takes one command after the other.
 * Without input, it reads nothing. For commands that ask and answer: those that start
 * something and wait for signals need {@link runProcess}.
 */
export function runCommand(
  place: Place,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input?: string,
): Promise<Finished> {
  const order: Order = { args, cwd: place.folder, env: { ...place.env, ...env }, input };
  const finished = last.then(() => give(order));
  last = finished.catch(() => {});
  return finished;
}

async function give(order: Order): Promise<Finished> {
  const child = host?.connected ? host : startHost();
  host = child;
  hold(child, true);
  child.send(order);
  const over = new AbortController();
  try {
    const ends = ['message', 'exit'].map((event) => once(child, event, { signal: over.signal }));
    const [answer] = await Promise.race(ends);
    if (typeof answer === 'object' && answer !== null) return answer as Finished;
    throw new Error(`The process that runs commands ended at: ${order.args.join(' ')}`);
  } finally {
    over.abort();
    hold(child, false);
  }
}

function startHost(): ChildProcess {
  return fork(fileURLToPath(new URL('command-host.ts', import.meta.url)), [], {
    execArgv: flags,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** While it waits, it keeps no test from ending. */
function hold(child: ChildProcess, held: boolean): void {
  for (const handle of [child, child.channel]) held ? handle?.ref() : handle?.unref();
}

/** Starts `causeway <args>` between two streams, under flags of Node's own. */
export function pipeThroughCommand(
  place: Place,
  args: readonly string[],
  nodeFlags: readonly string[],
): ChildProcessByStdio<Writable, Readable, null> {
  return spawn(process.execPath, [...nodeFlags, ...flags, main, ...args], {
    cwd: place.folder,
    env: place.env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

export interface Forked {
  readonly child: ChildProcess;
  /** Everything that it has printed so far. */
  output(): string;
}

/** Starts `causeway <args>` as a process that tells over IPC when it is ready. */
export function startCommand(
  place: Place,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Forked {
  const child = fork(main, args, {
    cwd: place.folder,
    env: { ...place.env, ...env },
    execArgv: flags,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => printed.push(chunk));
  }
  return { child, output: () => Buffer.concat(printed).toString('utf8') };
}

/** A process that forks `causeway <args>`, prints its pid, and waits to be killed. */
export function startForker(place: Place, args: readonly string[]): ChildProcess {
  const forker = fileURLToPath(new URL('fork-and-wait.ts', import.meta.url));
  return spawn(process.execPath, [...flags, forker, ...args], {
    cwd: place.folder,
    env: place.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
