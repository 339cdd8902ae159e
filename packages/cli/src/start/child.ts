import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The command line's own entry, with the extension that it runs under. */
const entry = fileURLToPath(
  new URL(`../main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/**
 * Starts a command of this program as a child process. The child ends itself when
 * this process is gone, however it went.
 */
export function forkCommand(
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly stdio?: 'inherit' | 'ignore' },
): ChildProcess {
  const output = options.stdio ?? 'inherit';
  return fork(entry, args, { env: options.env, stdio: ['ignore', 'ignore', output, 'ipc'] });
}

/** Runs a command of this program to its end, as somebody else with another environment. */
export async function runCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const child = spawn(process.execPath, [...process.execArgv, entry, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const output = await text(child.stdout);
  const [exitCode] = (await ended) as [number | null];
  return { exitCode: exitCode ?? 1, output: output.trimEnd() };
}

/** A forked command ended before it was ready; what went wrong it has printed itself. */
export class ChildEndedError extends Error {
  readonly code = 'child_ended';
  readonly hint = 'Follow the message that it printed above';

  constructor(what: string, exitCode: number | null) {
    super(`Cannot start ${what}: its process ended with code ${exitCode}`);
    this.name = 'ChildEndedError';
  }
}

/** The first message of a forked command. @throws ChildEndedError when it ends without one. */
export async function firstMessage<T>(child: ChildProcess, what: string): Promise<T> {
  const settled = new AbortController();
  const { signal } = settled;
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new ChildEndedError(what, code);
  });
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [T];
    return message;
  } finally {
    settled.abort();
    ended.catch(() => {});
  }
}

/** Asks a child to stop and waits until it has. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Ends a child as a crash would. */
export async function killChild(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
