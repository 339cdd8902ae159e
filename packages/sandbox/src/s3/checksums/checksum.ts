import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type ChecksumAlgorithm, checksumAlgorithms } from '../../state/records.ts';
import { crc32c } from './crc32c.ts';
import { crc64nvme } from './crc64nvme.ts';

/**
 * What S3 computes of bytes whose sender gives no checksum, since December 2024.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
export const defaultAlgorithm = 'CRC64NVME';

/** A checksum in the making. */
export interface RunningChecksum {
  readonly update: (bytes: Uint8Array) => void;
  readonly digest: () => Buffer;
}

/** What can be computed of a body: a checksum, or the MD5 of an ETag. */
export type DigestName = ChecksumAlgorithm | 'MD5';

export function startChecksum(algorithm: DigestName): RunningChecksum {
  switch (algorithm) {
    case 'CRC32':
      return running<number>(0, (bytes, crc) => crc32(bytes, crc), fourBytes);
    case 'CRC32C':
      return running<number>(0, crc32c, fourBytes);
    case 'CRC64NVME':
      return running<bigint>(0n, crc64nvme, eightBytes);
    case 'SHA1':
    case 'SHA256':
    case 'MD5': {
      const hash = createHash(algorithm);
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
    }
  }
}

/** The algorithm that a word such as `crc32` names, in any letter case; null when none. */
export function checksumAlgorithm(name: string): ChecksumAlgorithm | null {
  return checksumAlgorithms.find((known) => known === name.toUpperCase()) ?? null;
}

/** The header that carries a checksum of this algorithm. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** How many bytes a checksum of this algorithm has. */
export function checksumBytes(algorithm: ChecksumAlgorithm): number {
  return { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 }[algorithm];
}

function running<T>(
  start: T,
  step: (bytes: Uint8Array, before: T) => T,
  write: (value: T) => Buffer,
): RunningChecksum {
  let value = start;
  return {
    update: (bytes) => {
      value = step(bytes, value);
    },
    digest: () => write(value),
  };
}

function fourBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A 64-bit CRC as it is sent. */
function eightBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
