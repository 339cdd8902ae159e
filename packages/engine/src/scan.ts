import type { Readable } from 'node:stream';
import type { Compressor } from './encode/compressor.ts';
import type { UnloadScanJob } from './protocol.ts';
import type { OpenedSource } from './source-inputs.ts';

/** Called with the index of the scan's output, and the number of the file within it. */
export type ConsumeFile = (
  index: number,
  stream: Readable,
  file: number,
  rowName?: string,
) => Promise<void>;

/** One query over the source. */
export interface Scan {
  readonly source: OpenedSource;
  readonly scan: UnloadScanJob;
  readonly consume: ConsumeFile;
  readonly reuseChunks: boolean;
  /** For text; Parquet's is in `scan`. */
  readonly targetFileBytes: number | null;
  readonly compressor: Compressor;
}
