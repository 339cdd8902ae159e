import { type Sandbox, startSandbox } from '@causeway/sandbox';
import { makePlace, type Place } from './run-command.ts';
import { type Served, serveCommand } from './serve-command.ts';

/** `causeway serve` without a worker, and the sandbox that it works on. */
export interface ServerWithSandbox {
  readonly place: Place;
  readonly sandbox: Sandbox;
  readonly server: Served;
}

/** How many test files of this process have yet to be done with the server that they share. */
let users = 0;
let running: Promise<ServerWithSandbox> | undefined;

/**
 * A server for the test files of this process that have customers of their own: to be called
 * where a test file is loaded, opened before its tests and closed after them. It ends with the last.
 */
export function shareServer() {
  users++;
  return {
    open(): Promise<ServerWithSandbox> {
      running ??= start();
      return running;
    },
    async close(): Promise<void> {
      users--;
      if (users > 0 || !running) return;
      const { place, sandbox, server } = await running;
      await server.stop();
      await sandbox.close();
      await place.remove();
    },
  };
}

async function start(): Promise<ServerWithSandbox> {
  const [place, sandbox] = await Promise.all([makePlace(), startSandbox({ port: 0 })]);
  return { place, sandbox, server: await serveCommand(place, sandbox) };
}
