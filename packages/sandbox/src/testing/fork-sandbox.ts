import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Clock } from '../clock.ts';
import type { Sandbox } from '../start-sandbox.ts';

/** A sandbox in a process of its own, which can be killed. */
export interface SandboxProcess {
  readonly child: ChildProcess;
  readonly sandbox: Sandbox;
  readonly rss: () => Promise<number>;
  readonly kill: () => Promise<void>;
}

export async function forkSandbox(dataDir: string): Promise<SandboxProcess> {
  const child = fork(join(import.meta.dirname, 'sandbox-process.ts'), [dataDir], {
    execArgv: ['--experimental-strip-types', '--conditions=@causeway/source'],
  });
  const [{ url, port }] = (await once(child, 'message')) as [{ url: string; port: number }];
  return {
    child,
    sandbox: {
      url,
      port,
      tls: null,
      accounts: [],
      clock: new Clock(),
      close: async () => undefined,
    },
    rss: async () => {
      child.send('rss');
      const [answer] = (await once(child, 'message')) as [{ rss: number }];
      return answer.rss;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
