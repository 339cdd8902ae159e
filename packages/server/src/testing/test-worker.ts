import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { join } from 'node:path';
import type { DuckDbEngine } from '@causeway/engine';
import type { Configuration } from '../configuration.ts';
import type { Log } from '../log.ts';
import { startWorker } from '../start-worker.ts';

/** What a worker's process is told. */
export interface WorkerStart {
  /** How far the clock of its host is ahead, for all that it does. */
  readonly clockAheadSeconds?: number;
}

export interface TestWorker {
  /** What became of it so far, in the words of its log. */
  events(): string[];
  /** Asks it to stop. */
  stop(): Promise<void>;
}

/** A worker in a process of its own, which can be killed at any moment. */
export interface WorkerProcess {
  events(): string[];
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Asks it to stop, and gives its exit code. */
  stop(): Promise<number | null>;
}

export interface TestWorkers {
  /** In this process, which costs a tenth of what another does. */
  start(): Promise<TestWorker>;
  /** @throws Error when it ends before it is ready. */
  startProcess(options?: WorkerStart): Promise<WorkerProcess>;
  /** Ends all that are left. */
  close(): Promise<void>;
}

export function testWorkers(configuration: Configuration, engine: DuckDbEngine): TestWorkers {
  const children: ChildProcess[] = [];
  const own: TestWorker[] = [];
  return {
    async start() {
      const worker = await startHere(configuration, engine);
      own.push(worker);
      return worker;
    },
    startProcess(options = {}) {
      const child = fork(join(import.meta.dirname, 'worker-process.ts'), {
        // Compiled code is kept, which halves a start.
        env: {
          NODE_COMPILE_CACHE: getCompileCacheDir() ?? join(configuration.dataDir, 'compile-cache'),
        },
        execArgv: ['--experimental-strip-types', '--conditions=@causeway/source'],
      });
      children.push(child);
      return startIn(child, configuration, options);
    },
    async close() {
      await Promise.all(children.map((child) => end(child, 'SIGKILL')));
      await Promise.all(own.map((worker) => worker.stop()));
    },
  };
}

async function startHere(configuration: Configuration, engine: DuckDbEngine): Promise<TestWorker> {
  const events: string[] = [];
  const log: Log = ({ event }) => void events.push(event);
  const worker = await startWorker({ configuration, engine, log });
  let stopping: Promise<void> | undefined;
  return {
    events: () => [...events],
    stop() {
      stopping ??= worker.close();
      return stopping;
    },
  };
}

async function startIn(
  child: ChildProcess,
  configuration: Configuration,
  options: WorkerStart,
): Promise<WorkerProcess> {
  const events: string[] = [];
  child.on('message', (message: { readonly log?: string }) => {
    if (message.log !== undefined) events.push(JSON.parse(message.log).event);
  });
  child.send({ configuration, ...options });
  await isReady(child);
  return {
    events: () => [...events],
    async kill() {
      await end(child, 'SIGKILL');
    },
    stop: () => end(child, 'SIGTERM'),
  };
}

function isReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The worker ended with code ${code}`)));
    child.on('message', (message: { readonly ready?: true }) => {
      if (message.ready) resolve();
    });
  });
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
  return child.exitCode;
}
