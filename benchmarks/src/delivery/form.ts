import type { Compression, Format } from '@causeway/contract';

/** How files are written: by a delivery, and by DuckDB alone. */
export interface Form {
  /** As figures call it. */
  readonly name: string;
  readonly format: Format;
  readonly compression: Compression;
  /** What `COPY` is told to write the same. */
  readonly copyOptions: string;
}

export const parquet: Form = {
  name: 'parquet',
  format: 'parquet',
  compression: 'zstd',
  copyOptions: 'FORMAT parquet, COMPRESSION zstd',
};
export const csv: Form = {
  name: 'csv',
  format: 'csv',
  compression: 'none',
  copyOptions: 'FORMAT csv, HEADER',
};
export const csvGzip: Form = {
  name: 'csv_gz',
  format: 'csv',
  compression: 'gzip',
  copyOptions: 'FORMAT csv, HEADER, COMPRESSION gzip',
};
export const jsonl: Form = {
  name: 'jsonl',
  format: 'jsonl',
  compression: 'none',
  copyOptions: 'FORMAT json',
};
