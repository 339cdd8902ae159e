import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Column } from '@causeway/contract';
import type { Job, JobFailure, JobRequest, JobResults, Reply } from './protocol.ts';

/** A process that runs jobs, one at a time. It dies with this process, however that ends. */
export interface EngineChild {
  readonly pid: number | undefined;
  readonly isUsable: () => boolean;
  /**
   * Rejects with {@link ChildFailure}, or with what aborted `signal`, which kills the child.
   */
  run<J extends Job>(
    request: JobRequest & { readonly job: J },
    options?: RunOptions,
  ): Promise<JobResults[J['type']]>;
  /** Keeps nobody waiting for it until its next job. */
  rest(): void;
  /** Resolves when the process is gone. */
  kill(): Promise<void>;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly ready?: ((schema: readonly Column[]) => void) | undefined;
}

/** What a child answered, or how it ended without an answer. */
export class ChildFailure extends Error {
  readonly failure: JobFailure;

  constructor(failure: JobFailure) {
    super(failure.code);
    this.name = 'ChildFailure';
    this.failure = failure;
  }
}

/**
 * Starts a process that waits for its job, in about 0.2 s. It keeps its compiled code
 * in `cacheDir`, which halves the start when running from source.
 */
export function startChild(cacheDir: string): EngineChild {
  const self = import.meta.url;
  const extension = extname(fileURLToPath(self));
  const child = fork(fileURLToPath(new URL(`./child/main${extension}`, self)), [], {
    cwd: '/',
    // Nothing of ours, so no credentials. Fewer allocator arenas give memory back sooner.
    env: { TZ: 'UTC', MALLOC_ARENA_MAX: '2', NODE_COMPILE_CACHE: cacheDir },
    // Not ours: flags that load, test or debug this process are not for the child.
    execArgv:
      extension === '.ts'
        ? ['--experimental-strip-types', '--no-warnings', '--conditions=@causeway/source']
        : [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve()).once('error', () => resolve());
  });
  const complaint = tailOf(child);
  hold(child, false);
  return {
    pid: child.pid,
    isUsable: () => child.connected && child.exitCode === null && child.signalCode === null,
    run: (request, options = {}) => {
      hold(child, true);
      return runJob(child, request, options, complaint);
    },
    rest: () => hold(child, false),
    kill: async () => {
      child.ref();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A child that waits keeps neither this process nor its end waiting. */
function hold(child: ChildProcess, held: boolean): void {
  const handles = [child, child.channel, child.stderr as unknown as Socket | null];
  for (const handle of handles) held ? handle?.ref() : handle?.unref();
}

function runJob<J extends Job>(
  child: ChildProcess,
  request: JobRequest,
  options: RunOptions,
  complaint: () => string,
): Promise<JobResults[J['type']]> {
  const { signal, ready } = options;
  return new Promise((resolve, reject) => {
    const abort = () => {
      child.kill('SIGKILL');
      reject(signal?.reason);
    };
    const ended = (code: number | null, killedBy: NodeJS.Signals | null) => {
      reject(
        new ChildFailure({ code: 'engine_failed', reason: howEnded(code, killedBy, complaint()) }),
      );
    };
    const hear = (reply: Reply) => {
      if (reply.type === 'ready') return ready?.(reply.schema);
      signal?.removeEventListener('abort', abort);
      child.off('message', hear).off('exit', ended).off('error', reject);
      if (reply.type === 'failed') return reject(new ChildFailure(reply.failure));
      return resolve(reply.result as JobResults[J['type']]);
    };
    child.on('message', hear).once('exit', ended).once('error', reject);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    child.send(request, (error) => error && ended(child.exitCode, child.signalCode));
  });
}

function howEnded(code: number | null, killedBy: NodeJS.Signals | null, complaint: string): string {
  if (killedBy === 'SIGKILL') {
    return 'the engine process was ended by signal "SIGKILL", as when the machine runs out of memory';
  }
  const how = killedBy === null ? `with code ${code}` : `by signal "${killedBy}"`;
  return `the engine process ended ${how}${complaint === '' ? '' : ` (${complaint})`}`;
}

/** The last line the child wrote to its standard error. */
function tailOf(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-2000);
  });
  return () => tail.trim().split('\n').at(-1) ?? '';
}
