import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Sandbox } from '@causeway/sandbox';
import { createOperator } from '@causeway/sandbox/clients';
import { type Place, startCommand } from './run-command.ts';

/** `causeway serve`, as a process. */
export interface Served {
  /** What other commands find it by. */
  readonly env: { readonly CAUSEWAY_URL: string; readonly CAUSEWAY_API_KEY: string };
  stop(): Promise<void>;
  /** Ends it at once, in the middle of whatever it does. */
  kill(): void;
}

/**
 * Starts a server whose operator is one of the sandbox.
 *
 * @param knownKey What the first start in this place has said, for those after it.
 * @param worker Whether it carries out runs too.
 */
export async function serveCommand(
  place: Place,
  sandbox: Sandbox,
  knownKey?: string,
  worker = false,
): Promise<Served> {
  const operator = await createOperator(sandbox.url);
  const { child, output } = startCommand(place, ['serve', ...(worker ? [] : ['--no-worker'])], {
    CAUSEWAY_PORT: '0',
    CAUSEWAY_AWS_ENDPOINT: sandbox.url,
    AWS_ACCESS_KEY_ID: operator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: operator.secretAccessKey,
  });
  // The first start says a key too, in a line that may come a moment later.
  const ready =
    knownKey === undefined
      ? /^causeway ready (\S+)\nAPI key \(shown this once\): (\S+)$/m
      : /^causeway ready (\S+)$/m;
  while (!ready.test(output())) {
    assert.equal(child.exitCode, null, output());
    await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'exit')]);
  }
  const [, url = '', apiKey = knownKey ?? ''] = ready.exec(output()) ?? [];
  return {
    env: { CAUSEWAY_URL: url, CAUSEWAY_API_KEY: apiKey },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
