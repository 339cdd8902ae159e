import * as zlib from 'node:zlib';
import type { Compression } from '@causeway/contract';

/** How whole text files are compressed. Parquet compresses within, in DuckDB. */
export type TextCodec = 'gzip' | 'zstd';

export function textCodec(compression: Compression): TextCodec | null {
  return compression === 'gzip' || compression === 'zstd' ? compression : null;
}

/** Node has zstd from 22.15 on. */
export function hasZstd(): boolean {
  return typeof zlib.zstdCompressSync === 'function';
}

/** What a compressed block may take at most: both codecs store what does not shrink as it is. */
export function compressedBound(plainBytes: number): number {
  return plainBytes + Math.ceil(plainBytes / 128) + 1024;
}
