import type { ChildProcess } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { firstMessage, forkCommand, stopChild } from './child.ts';

export interface SandboxProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the sandbox beside this process, on its usual port if that is free. */
export async function startSandboxProcess(options: {
  readonly dataDir: string;
  readonly port?: number;
}): Promise<SandboxProcess> {
  // Where this process keeps what it compiled, if it does.
  const cache = getCompileCacheDir();
  const child: ChildProcess = forkCommand(
    ['sandbox', '--port', String(options.port ?? 0), '--or-any-port', '--data', options.dataDir],
    { env: { PATH: process.env['PATH'], ...(cache && { NODE_COMPILE_CACHE: cache }) } },
  );
  const { url } = await firstMessage<{ url: string }>(child, 'the sandbox');
  return { url, stop: () => stopChild(child) };
}
