import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own, so that it does not share the client's thread. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

const causeway = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url));

export function forkSandbox(dataDir: string): Promise<ServerProcess> {
  return forkServer(causeway, ['sandbox', '--port', '0', '--data', dataDir]);
}

/** @param entry tells its parent `{ url }` once it listens, and ends with it. */
export async function forkServer(entry: string, args: readonly string[]): Promise<ServerProcess> {
  const child: ChildProcess = fork(entry, [...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const [{ url }] = (await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => Promise.reject(new Error(`${entry} ended with code ${code}`))),
  ])) as [{ url: string }];
  return {
    url,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
