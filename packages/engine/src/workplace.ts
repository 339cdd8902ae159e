import { join } from 'node:path';
import { type Column, explainFullDisk } from '@causeway/contract';
import type { ChildPool } from './child-pool.ts';
import type { Compressor } from './encode/compressor.ts';
import type { KnownRows } from './engine.ts';
import { toCausewayError } from './engine-error.ts';
import { writeKnownRows } from './known-rows.ts';
import { type EngineLimits, type Job, type JobResults, knownRowsName } from './protocol.ts';
import { createWorkFolder, temporaryFiles, type WorkFolder } from './work-folder.ts';

/** What every job of one engine shares. */
export interface EngineContext {
  readonly tempDir: string;
  readonly limits: EngineLimits;
  readonly queryTimeLimitSeconds: number;
  readonly children: Pick<ChildPool, 'take' | 'give'>;
  /** Whether a process whose job was done gets another. */
  readonly keepsProcesses: boolean;
  readonly compressor: Compressor;
  /** Aborts when the engine closes. */
  readonly closing: AbortSignal;
  /** Settles when leftovers of earlier processes are gone and `tempDir` exists. */
  readonly prepared: Promise<void>;
}

/** A file under the name it has in the job's folder. */
export interface JobFile {
  readonly name: string;
  /** Null: a FIFO, which the job makes itself. */
  readonly path: string | null;
  /** What messages call it. */
  readonly label: string;
}

/** A folder and a child process for one job. */
export interface Workplace {
  readonly folder: WorkFolder;
  readonly signal: AbortSignal;
  pathOf(name: string): string;
  /** @throws CausewayError for what the child reports; whatever aborted the signal. */
  run<J extends Job>(
    job: J,
    ready?: (schema: readonly Column[]) => void,
    /** Ends this job besides the workplace's own. */
    stop?: AbortSignal,
  ): Promise<JobResults[J['type']]>;
}

/** Runs `work` with a folder and a child of its own, and leaves neither behind. */
export async function withWorkplace<T>(
  context: EngineContext,
  input: {
    readonly files: readonly JobFile[];
    readonly signal: AbortSignal | undefined;
    /** Written into the folder, for a query that leaves them out. */
    readonly known?: KnownRows | null | undefined;
  },
  work: (workplace: Workplace) => Promise<T>,
): Promise<T> {
  const { files } = input;
  const signal = AbortSignal.any([context.closing, ...(input.signal ? [input.signal] : [])]);
  signal.throwIfAborted();
  const { keepsProcesses, children } = context;
  const child = children.take();
  let folder: WorkFolder | undefined;
  let isDone = false;
  try {
    await context.prepared;
    const opened = await createWorkFolder(context.tempDir);
    folder = opened;
    for (const { name, path } of files) if (path !== null) await opened.link(name, path);
    if (input.known) await writeKnownRows(join(opened.path, knownRowsName), input.known);
    const result = await work({
      folder: opened,
      signal,
      pathOf: (name) => join(opened.path, name),
      run: async (job, ready, stop) => {
        const request = {
          folder: opened.path,
          limits: context.limits,
          job,
          mayFollow: keepsProcesses,
        };
        const either = stop ? AbortSignal.any([signal, stop]) : signal;
        try {
          return await child.run(request, { signal: either, ready });
        } catch (error) {
          const { spillLimitMb } = context.limits;
          throw toCausewayError(error, { folder: opened.path, files, spillLimitMb });
        }
      },
    });
    isDone = !signal.aborted;
    return result;
  } catch (error) {
    throw explainFullDisk(error, temporaryFiles);
  } finally {
    if (keepsProcesses && isDone) children.give(child);
    else await child.kill();
    await folder?.remove();
  }
}
