import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Sandbox } from '@causeway/sandbox';
import { createOperator } from '@causeway/sandbox/clients';
import { type Place, startCommand } from './run-command.ts';

/** `causeway serve` without a worker, as a process. */
export interface Served {
  /** What other commands find it by. */
  readonly env: { readonly CAUSEWAY_URL: string; readonly CAUSEWAY_API_KEY: string };
  stop(): Promise<void>;
}

/** Starts a server whose operator is one of the sandbox. */
export async function serveCommand(place: Place, sandbox: Sandbox): Promise<Served> {
  const operator = await createOperator(sandbox.url);
  const { child, output } = startCommand(place, ['serve', '--no-worker'], {
    CAUSEWAY_PORT: '0',
    CAUSEWAY_AWS_ENDPOINT: sandbox.url,
    AWS_ACCESS_KEY_ID: operator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: operator.secretAccessKey,
  });
  const ready = /^causeway ready (\S+)\nAPI key \(shown this once\): (\S+)$/m;
  while (!ready.test(output())) {
    assert.equal(child.exitCode, null, output());
    await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'exit')]);
  }
  const [, url = '', apiKey = ''] = ready.exec(output()) ?? [];
  return {
    env: { CAUSEWAY_URL: url, CAUSEWAY_API_KEY: apiKey },
    async stop() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
