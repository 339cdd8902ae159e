import { createHash } from 'node:crypto';
import type {
  ChecksumAlgorithm,
  ObjectRecord,
  PartRecord,
  UploadRecord,
} from '../state/records.ts';
import { checksumBytes, defaultAlgorithm, startChecksum } from './checksums/checksum.ts';
import { combineCrcs, isCombinable } from './checksums/combine-crcs.ts';

/** The ETag of an object made of parts: the MD5 of their MD5s, and how many they are. */
export function etagOfParts(parts: readonly PartRecord[]): string {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part.md5, 'hex');
  return `${hash.digest('hex')}-${parts.length}`;
}

/** The checksum of an object made of parts, of the kind that its upload was created with. */
export function checksumOfParts(
  parts: readonly PartRecord[],
  wanted: UploadRecord['checksum'],
): ObjectRecord['checksum'] {
  const chosen = wanted ?? defaultOf(parts);
  if (!chosen) return null;
  const { algorithm, type } = chosen;
  const values = parts.map((part) => Buffer.from(part.checksum?.value ?? '', 'base64'));
  if (type === 'COMPOSITE') {
    const whole = startChecksum(algorithm);
    for (const value of values) whole.update(value);
    return { algorithm, type, value: `${whole.digest().toString('base64')}-${parts.length}` };
  }
  return { algorithm, type, value: combined(algorithm, values, parts) };
}

/** An upload that named no algorithm gets S3's own choice, unless senders chose for its parts. */
function defaultOf(parts: readonly PartRecord[]): UploadRecord['checksum'] {
  const isDefault = parts.every(({ checksum }) => checksum?.algorithm === defaultAlgorithm);
  return isDefault ? { algorithm: defaultAlgorithm, type: 'FULL_OBJECT' } : null;
}

function combined(
  algorithm: ChecksumAlgorithm,
  values: readonly Buffer[],
  parts: readonly PartRecord[],
): string {
  if (!isCombinable(algorithm)) throw new Error(`A ${algorithm} of parts cannot be combined`);
  const crc = combineCrcs(
    algorithm,
    parts.map((part, index) => ({
      crc: BigInt(`0x${values[index]?.toString('hex') || '0'}`),
      bytes: part.bytes,
    })),
  );
  const digits = checksumBytes(algorithm) * 2;
  return Buffer.from(crc.toString(16).padStart(digits, '0'), 'hex').toString('base64');
}
