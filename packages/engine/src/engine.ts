import type { Readable } from 'node:stream';
import type {
  Column,
  ColumnType,
  Compression,
  CsvForm,
  CsvOptions,
  Format,
  RowFilter,
} from '@causeway/contract';
import type { CursorWindow } from './cursor-window.ts';
import type { EngineSource, SourceInput } from './engine-source.ts';

/**
 * Datasets as SQL, as a port: read a source, write files.
 *
 * The embedded implementation is DuckDB in a child process of its own.
 */
export interface Engine {
  /**
   * The columns of a source. Streams are not opened for it.
   *
   * @throws CausewayError `source_not_readable`, `query_not_usable`; whatever aborted `signal`.
   */
  describe(source: EngineSource, signal?: AbortSignal): Promise<Column[]>;

  /**
   * How the first file of an input is written, all that is not said in its `csv` found
   * out from the file: a proposal, to be kept and not made anew for each job.
   *
   * @throws CausewayError `source_not_readable`; whatever aborted `signal`.
   */
  sniffCsv(input: SourceInput, signal?: AbortSignal): Promise<CsvOptions>;

  /**
   * Reads the source once and writes one encoded stream per output. What is split over
   * more than {@link maxOutputsPerScan} is sorted into files of this machine first, and
   * delivered by one scan after the other; only where they could not hold a type, the source is read for each scan.
   *
   * `consume` is called for the first file of every output of a scan that has rows, for all of them at
   * once, and for each later file as it begins; with `partitionBy`, for each combination
   * of values that an output has. It must read its stream to the end or
   * destroy it; a stream without a byte is no file. The outputs of a scan advance
   * together: one that is not read holds up the others, so none may wait for another's end.
   *
   * That a stream ends says that the file is whole as far as the query came; that the
   * query has ended well only the return of `unload` says. If it fails or is aborted,
   * the streams that have not ended are destroyed with the error. A `consume` that rejects, or returns before
   * the end, counts as having destroyed its stream: its output is written to nowhere, the
   * others go on, and `unload` does not report it. Catch your own errors, and abort
   * `signal` when nobody reads any more.
   *
   * Settles when the query has ended and every `consume` has settled.
   *
   * @throws CausewayError `engine_failed`, `disk_full`, `source_not_readable`, `query_not_usable`,
   * `column_not_found`, `cursor_not_usable`, `filter_not_usable`, `schema_changed`, `too_many_partitions`, `invalid_request`;
   * whatever aborted `signal`.
   */
  unload(job: UnloadJob, consume: ConsumeOutput, signal?: AbortSignal): Promise<UnloadResult>;
}

/** Bounds memory and open files of one scan: each output buffers rows of its own. */
export const maxOutputsPerScan = 256;

/** Of all outputs of a job together: what more would make are very many very small files. */
export const maxPartitions = 4096;

export interface UnloadJob {
  readonly source: EngineSource;
  readonly format: Format;
  /** Text is compressed as a whole: `gzip`, `zstd` or `none`. */
  readonly compression: Compression;
  /** For `csv` alone; by default as `CsvForm` has it. */
  readonly csv?: CsvForm | null;
  /**
   * A file that has come to about this many bytes is followed by another: text by the
   * end of a row, Parquet by that of a row group. Parquet that is split has its rows
   * spread over as many files as they are likely to fill, if the source is files of
   * more bytes than this: they are then read once more, to count each output's rows. By
   * default an output is one file.
   */
  readonly targetFileBytes?: number;
  readonly window?: CursorWindow;
  /** Only rows that pass it. Default: all. */
  readonly filter?: RowFilter | null;
  /** Only the rows that were marked as deleted, or only the others. Default: all. */
  readonly deleted?: DeletedRows | null;
  /** Leaves out rows that were sent before. Default: none. */
  readonly known?: KnownRows | null;
  /**
   * In place of the columns: of each row its fingerprint, 32 hexadecimal digits made of these
   * columns. For `csv`.
   */
  readonly fingerprint?: readonly string[] | null;
  /**
   * Columns that the source must have, as far as they are sent, with the same types.
   * Default: whatever it has.
   */
  readonly schema?: readonly ColumnType[] | null;
  /**
   * Whether what the source has besides `schema` is sent too, after that, where `columns` do
   * not choose. Default: it is left out.
   */
  readonly sendsAdded?: boolean;
  /** The columns of the files, in this order. Default: all. */
  readonly columns?: readonly string[] | null;
  /**
   * Makes every row a file of its own, named by what it has in this column: a number that no two
   * rows share. For `jsonl`. Default: files have as many rows as there are.
   */
  readonly rowName?: string | null;
  /**
   * How rows are split. `all`: every row goes to the one output. `byColumn`: output
   * `i` gets the rows whose column, as text, equals `values[i]`; other rows, and those
   * where it is NULL, go nowhere.
   */
  readonly split:
    | { readonly type: 'all' }
    | { readonly type: 'byColumn'; readonly column: string; readonly values: readonly string[] };
  /**
   * Splits every output further: each file has the rows of one combination of values
   * of these columns, as text. The source is read once more to find them.
   */
  readonly partitionBy?: readonly string[];
  /**
   * Whose the memory of a stream's chunks is. `owned`: the reader's, to keep. `reused`:
   * a chunk is valid only until the next is asked for, which spares a tenth of the
   * processor time. Default `owned`.
   */
  readonly chunks?: 'owned' | 'reused';
}

/**
 * Rows told apart by a column that marks those which were deleted: true, or where it is no
 * boolean, anything but NULL.
 */
export interface DeletedRows {
  readonly column: string;
  readonly keep: 'deleted' | 'others';
}

/** Rows before a time of the window's cursor column that are told by their fingerprints. */
export interface KnownRows {
  /** What fingerprints are made of. */
  readonly columns: readonly string[];
  /** Rows from here on are taken for new. */
  readonly before: string;
  /**
   * Those that are known, in chunks of 16 bytes each; `value` is that of the split, or null
   * for all outputs. Asked for once for each query.
   */
  readonly read: () => AsyncIterable<{
    readonly value: string | null;
    readonly fingerprints: Buffer;
  }>;
}

/** Called with the output's index: 0, or the index into `split.values`. */
export type ConsumeOutput = (index: number, stream: Readable, file: OutputFile) => Promise<void>;

/** One of an output's files. */
export interface OutputFile {
  /** From 0, in the order in which files begin. */
  readonly number: number;
  /** What its rows have in the columns of `partitionBy`, in that order. */
  readonly partition: readonly (string | null)[];
  /** What its one row has in the column `rowName`. */
  readonly rowName?: string;
}

export interface UnloadResult {
  readonly schema: readonly Column[];
  /** By output index. An output without rows has no bytes, not even a header. */
  readonly outputs: readonly FileCounts[];
  /** By output index and file number: what adds up to `outputs`. */
  readonly files: readonly (readonly FileCounts[])[];
  /** Of the files that were read: jobs that tell the same have read the same bytes. */
  readonly sourceVersion: string;
}

export interface FileCounts {
  readonly rows: number;
  readonly bytes: number;
}
