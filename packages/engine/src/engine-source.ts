import type { Readable } from 'node:stream';
import type {
  ColumnType,
  CsvForm,
  CsvOptions,
  SourceCompression,
  SourceFormat,
} from '@causeway/contract';
import type { CursorWindow } from './cursor-window.ts';

/** What a job reads: inputs under names, and what is asked of them. */
export interface EngineSource {
  /** Exactly one, unless there is a query. */
  readonly inputs: readonly SourceInput[];
  /**
   * A lone SELECT over the inputs by their names and over nothing else; it reaches no
   * file, setting or network. Without it: all rows of the one input.
   */
  readonly query?: string;
}

export interface SourceInput {
  /** The table that a query finds it as. */
  readonly name: string;
  readonly data: InputFiles | InputStream;
  readonly format: SourceFormat;
  /**
   * Types that are known, by the name of the column. Of CSV and JSON in files they hold
   * whatever the values look like, and columns that are not named are found out. Of a
   * stream all must be named, in their order.
   */
  readonly columns?: readonly InputColumn[];
  readonly csv?: CsvOptions;
}

/** A column whose type is known, and of a stream perhaps that it is never NULL. */
export interface InputColumn extends ColumnType {
  /** Default true. */
  readonly nullable?: boolean;
}

/** Files on local disk, whose columns are united by name. */
export interface InputFiles {
  readonly type: 'files';
  readonly files: readonly InputFile[];
  /** Default `auto`. */
  readonly compression?: SourceCompression;
}

export interface InputFile {
  readonly path: string;
  /** What messages call it, when that is not its path. */
  readonly label?: string;
}

/**
 * Bytes of CSV, whose lines end in \n, or JSON lines, without compression, that never come to disk: they reach
 * the query through a FIFO. A job fails when the stream does, and when it is not read to
 * its end.
 */
export interface InputStream {
  readonly type: 'stream';
  /** What messages call it. */
  readonly label: string;
  /**
   * Called when the query begins to read, once for each scan; each time it must give the
   * same rows. See {@link maxOutputsPerScan}.
   */
  readonly open: (signal: AbortSignal) => Promise<Readable> | Readable;
  /**
   * How the source writes rows itself as files are to have them, which spares reading them
   * and writing them again; null for what it would not write to the byte as the engine does.
   */
  readonly writeCsv?: (wanted: WantedCsv) => ((signal: AbortSignal) => Promise<WrittenCsv>) | null;
}

/** Rows of an input, in the form of a file's, without a header. */
export interface WantedCsv {
  /** In the order of the file. */
  readonly columns: readonly string[];
  /** Null: all that `open` gives. */
  readonly window: CursorWindow | null;
  readonly csv: CsvForm;
  /** Whose the memory of the stream's chunks is, as at `UnloadJob.chunks`: the last two that were asked for are in use. */
  readonly chunks: 'owned' | 'reused';
}

export interface WrittenCsv {
  readonly stream: Readable;
  /** How many the source says there were, once its stream has ended. */
  readonly rows: () => number;
}

/** All rows of one Parquet file. */
export function parquetFile(path: string): EngineSource {
  const data = { type: 'files', files: [{ path }] } as const;
  return { inputs: [{ name: 'source', data, format: 'parquet' }] };
}
