import { getCompileCacheDir } from 'node:module';
import { join } from 'node:path';
import {
  CausewayError,
  type Column,
  type Compression,
  CsvForm,
  type Format,
  type RowFilter,
} from '@causeway/contract';
import { checkComparison } from './check-job.ts';
import { createChildPool } from './child-pool.ts';
import type { CursorWindow } from './cursor-window.ts';
import { createCompressor } from './encode/compressor.ts';
import type { DeletedRows, Engine } from './engine.ts';
import type { EngineSource, SourceInput } from './engine-source.ts';
import {
  deliveredName,
  type FileContent,
  type FileForm,
  inspectedName,
  type RowComparison,
} from './protocol.ts';
import { queryTime } from './query-time.ts';
import { openSourceFile } from './source-file.ts';
import { openSource } from './source-inputs.ts';
import { unloadSource } from './unload-source.ts';
import { createWorkFolder, sweepWorkFolders } from './work-folder.ts';
import { type EngineContext, withWorkplace } from './workplace.ts';

export interface DuckDbEngineOptions {
  /** Holds a folder for each running job. For this machine only; it is made if missing. */
  readonly tempDir: string;
  /** For each job. Its process takes up to 250 MB more. */
  readonly memoryLimitMb: number;
  readonly threads: number;
  /** What a job may write to `tempDir` when its memory runs short. Default 32 GiB. */
  readonly spillLimitMb?: number;
  /** What a job whose source has a query may take, with all that reads it. Default one hour. */
  readonly queryTimeLimitSeconds?: number;
  /**
   * Whether jobs that follow each other share a process, which saves each 0.2 s. Only for
   * files of one origin: who takes a process over by one of them has those that follow. Default false.
   */
  readonly keepsProcesses?: boolean;
}

/** An {@link Engine} that runs DuckDB, each job in a locked-down child process of its own unless told otherwise. */
export interface DuckDbEngine extends Engine {
  /** Starts the next job's process ahead, which saves that job 0.2 s. It goes after a minute unused. */
  warm(): void;
  /**
   * Rows and columns of a delivered file on local disk.
   *
   * @throws CausewayError `source_not_readable`, `engine_failed`, `disk_full`; whatever aborted `signal`.
   */
  inspectFile(file: LocalFile, signal?: AbortSignal): Promise<FileContent>;
  /**
   * Whether delivered files hold exactly the rows of the source that they should, as
   * multisets. Rows count as different as a whole if names or types of the columns differ.
   *
   * @throws CausewayError `source_not_readable`, `column_not_found`, `cursor_not_usable`,
   * `filter_not_usable`, `engine_failed`, `disk_full`; whatever aborted `signal`.
   */
  compareRows(comparison: Comparison, signal?: AbortSignal): Promise<RowComparison>;
  /**
   * A folder beside those of jobs. One that is left when this process ends is removed by the next engine.
   *
   * @throws CausewayError `disk_full`.
   */
  makeFolder(): Promise<TempFolder>;
  /** Ends all running jobs, which reject, and all processes. */
  close(): Promise<void>;
}

export interface TempFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** The form of delivered files. */
export interface DeliveredForm {
  readonly format: Format;
  /** Of a text file as a whole; Parquet tells its own. Default `none`. */
  readonly compression?: Compression | undefined;
  /** For CSV alone. */
  readonly csv?: CsvForm | null | undefined;
}

export interface LocalFile extends DeliveredForm {
  readonly path: string;
}

export interface Comparison extends DeliveredForm {
  readonly source: EngineSource;
  /** Null: all rows. */
  readonly customerColumn: string | null;
  readonly customerValue: string | null;
  readonly files: readonly string[];
  readonly window?: CursorWindow;
  readonly filter?: RowFilter | null | undefined;
  readonly deleted?: DeletedRows | null | undefined;
  /** Of the files; by default all. */
  readonly columns?: readonly string[] | null | undefined;
}

export function createDuckDbEngine(options: DuckDbEngineOptions): DuckDbEngine {
  const ownCache = getCompileCacheDir();
  const children = createChildPool(ownCache ?? join(options.tempDir, 'compile-cache'));
  const compressor = createCompressor(options.threads);
  const closing = new AbortController();
  const prepared = sweepWorkFolders(options.tempDir);
  // Reported by the job that needs the folder.
  prepared.catch(() => {});
  const running = new Set<Promise<unknown>>();
  const context: EngineContext = {
    tempDir: options.tempDir,
    limits: {
      memoryLimitMb: options.memoryLimitMb,
      threads: options.threads,
      spillLimitMb: options.spillLimitMb ?? 32 * 1024,
    },
    queryTimeLimitSeconds: options.queryTimeLimitSeconds ?? 3600,
    children,
    keepsProcesses: options.keepsProcesses ?? false,
    compressor,
    closing: closing.signal,
    prepared,
  };
  const track = <T>(job: Promise<T>): Promise<T> => {
    running.add(job);
    const forget = () => void running.delete(job);
    job.then(forget, forget);
    return job;
  };
  return {
    describe: (source, signal) => track(describeSource(context, source, signal)),
    sniffCsv: (input, signal) => track(sniffCsv(context, input, signal)),
    unload: (job, consume, signal) => track(unloadSource(context, job, consume, signal)),
    inspectFile: (file, signal) => track(inspectFile(context, file, signal)),
    compareRows: (comparison, signal) => track(compareRows(context, comparison, signal)),
    makeFolder: () => prepared.then(() => createWorkFolder(options.tempDir)),
    warm: () => {
      if (!closing.signal.aborted) children.warm();
    },
    close: async () => {
      closing.abort(new CausewayError('engine_failed', { reason: 'the engine was closed' }));
      await Promise.allSettled([...running, children.close()]);
      await compressor.close();
    },
  };
}

async function describeSource(
  context: EngineContext,
  source: EngineSource,
  signal?: AbortSignal,
): Promise<Column[]> {
  const { files, request } = await openSource(source);
  const limited = queryTime(source, context, signal);
  return withWorkplace(context, { files, signal: limited }, ({ run }) =>
    run({ type: 'describe', source: request }),
  );
}

async function sniffCsv(context: EngineContext, input: SourceInput, signal?: AbortSignal) {
  const { files, request } = await openSource({ inputs: [input] });
  return withWorkplace(context, { files, signal }, ({ run }) =>
    run({ type: 'sniffCsv', source: request }),
  );
}

async function inspectFile(context: EngineContext, file: LocalFile, signal?: AbortSignal) {
  const opened = await openSourceFile(file.path, { format: file.format });
  const files = [{ ...opened, name: inspectedName }];
  return withWorkplace(context, { files, signal }, ({ run }) =>
    run({ type: 'inspect', ...formOf(file) }),
  );
}

async function compareRows(context: EngineContext, input: Comparison, signal?: AbortSignal) {
  checkComparison(input);
  const { customerColumn, customerValue, format } = input;
  const source = await openSource(input.source);
  const files = [...source.files];
  for (const [index, path] of input.files.entries()) {
    const delivered = await openSourceFile(path, { format });
    files.push({ ...delivered, name: deliveredName(index, format) });
  }
  const limited = queryTime(input.source, context, signal);
  return withWorkplace(context, { files, signal: limited }, ({ run }) =>
    run({
      type: 'compare',
      source: source.request,
      ...formOf(input),
      files: input.files.length,
      customer:
        customerColumn === null ? null : { column: customerColumn, value: customerValue ?? '' },
      window: input.window ?? null,
      filter: input.filter ?? null,
      deleted: input.deleted ?? null,
      known: null,
      columns: input.columns ?? null,
    }),
  );
}

function formOf({ format, compression = 'none', csv }: DeliveredForm): FileForm {
  return { format, compression, csv: format === 'csv' ? CsvForm.parse(csv ?? {}) : null };
}
