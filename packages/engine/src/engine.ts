import type { Column, Compression, FileSource, Format, Window } from '@causeway/contract';
import type { Readable } from 'node:stream';

/**
 * Datasets as SQL, as a port: read a source, write files.
 *
 * The embedded implementation is DuckDB in a child process of its own.
 */
export interface Engine {
  /**
   * The columns of a source.
   *
   * @throws CausewayError `source_not_readable`.
   */
  describe(source: FileSource, signal?: AbortSignal): Promise<Column[]>;

  /**
   * Reads the source once and writes one encoded stream per output.
   *
   * `consume` is called once per output, at once, and must read its stream to
   * the end or destroy it; an output whose stream is destroyed is written to
   * nowhere and the others go on. Resolves when the query has ended well and every
   * `consume` has settled: only then are the bytes complete. A stream that ends
   * says nothing by itself, since a failed query ends it too.
   *
   * @throws CausewayError `engine_failed`, `source_not_readable`; whatever aborted `signal`.
   */
  unload(job: UnloadJob, consume: ConsumeOutput, signal?: AbortSignal): Promise<UnloadResult>;
}

export interface UnloadJob {
  readonly source: FileSource;
  readonly format: Format;
  readonly compression: Compression;
  /** Only rows whose `cursorColumn` lies in the window. */
  readonly window?: { readonly cursorColumn: string } & Window;
  /**
   * How rows are split. `all`: every row goes to the one output. `byColumn`: output
   * `i` gets the rows whose column equals `values[i]`, other rows go nowhere.
   */
  readonly split:
    | { readonly type: 'all' }
    | { readonly type: 'byColumn'; readonly column: string; readonly values: readonly string[] };
}

/** Called with the output's index: 0, or the index into `split.values`. */
export type ConsumeOutput = (index: number, stream: Readable) => Promise<void>;

export interface UnloadResult {
  readonly schema: readonly Column[];
  /** By output index. An output without rows has no bytes, not even a header. */
  readonly outputs: readonly { readonly rows: number; readonly bytes: number }[];
}
