import type { ChecksumAlgorithm } from '../../state/records.ts';

/** The CRCs of S3: their width in bits and their polynomial, lowest power in the highest bit. */
const crcs = {
  CRC32: { width: 32n, polynomial: 0xedb88320n },
  CRC32C: { width: 32n, polynomial: 0x82f63b78n },
  CRC64NVME: { width: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
} as const;

interface Crc {
  readonly width: bigint;
  readonly polynomial: bigint;
}

export type CombinableAlgorithm = keyof typeof crcs;

/** Whether the checksum of a whole can be worked out from those of its parts. */
export function isCombinable(algorithm: ChecksumAlgorithm): algorithm is CombinableAlgorithm {
  return algorithm in crcs;
}

/** The CRC of all parts one after the other, from the CRC and the length in bytes of each. */
export function combineCrcs(
  algorithm: CombinableAlgorithm,
  parts: readonly { readonly crc: bigint; readonly bytes: number }[],
): bigint {
  const crc = crcs[algorithm];
  // Most parts are of one length, so most shifts are the same.
  const shifts = new Map<number, bigint>();
  let combined = 0n;
  for (const part of parts) {
    const shift = shifts.get(part.bytes) ?? powerOfX(BigInt(part.bytes) * 8n, crc);
    shifts.set(part.bytes, shift);
    combined = multiply(combined, shift, crc) ^ part.crc;
  }
  return combined;
}

/** x to the power of `exponent`, modulo the polynomial: what that many zero bits do to a CRC. */
function powerOfX(exponent: bigint, crc: Crc): bigint {
  const one = 1n << (crc.width - 1n);
  let square = one >> 1n;
  let result = one;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = multiply(result, square, crc);
    square = multiply(square, square, crc);
  }
  return result;
}

function multiply(a: bigint, b: bigint, { width, polynomial }: Crc): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = 1n << (width - 1n); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}
