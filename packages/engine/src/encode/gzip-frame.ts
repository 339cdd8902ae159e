/**
 * One gzip member around blocks that were compressed side by side, as `pigz` writes
 * it: readers that stop after a first member, as browsers do, read all of it.
 */
export interface GzipFrame {
  readonly head: Uint8Array;
  /** The next block's checksum and plain length, in order. */
  add(crc32: number, plainBytes: number): void;
  tail(): Uint8Array;
}

export function gzipFrame(): GzipFrame {
  let crc = 0;
  let length = 0n;
  return {
    // No name, no time: the same rows give the same bytes. System: unknown.
    head: Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff),
    add(crc32, plainBytes) {
      crc = combineCrc32(crc, crc32, plainBytes);
      length += BigInt(plainBytes);
    },
    tail() {
      // An empty last block, then the checksum and the length modulo 2^32.
      const tail = Buffer.alloc(10);
      tail.set([0x03, 0x00]);
      tail.writeUInt32LE(crc, 2);
      tail.writeUInt32LE(Number(length & 0xffff_ffffn), 6);
      return tail;
    },
  };
}

/**
 * The CRC-32 of two texts in a row, from that of each and the second's length:
 * `first` is moved on by as many zero bytes, which is linear, and added.
 */
function combineCrc32(first: number, second: number, secondBytes: number): number {
  let moved = first;
  // Each bit of the length is a doubling: apply those that are set.
  for (let bit = 0, rest = secondBytes; rest > 0; bit += 1, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) moved = times(zeroBytes(bit), moved);
  }
  return (moved ^ second) >>> 0;
}

/** A linear map of 32 bits: what each bit becomes. */
type BitMatrix = readonly number[];

/** CRC-32's polynomial, lowest power in the highest bit. */
const polynomial = 0xedb88320;
const oneZeroBit: BitMatrix = [polynomial, ...Array.from({ length: 31 }, (_, bit) => 1 << bit)];
const powers: BitMatrix[] = [square(square(square(oneZeroBit)))];

/** What 2^`power` zero bytes do to a checksum. */
function zeroBytes(power: number): BitMatrix {
  const known = powers[power];
  if (known !== undefined) return known;
  const matrix = square(zeroBytes(power - 1));
  powers[power] = matrix;
  return matrix;
}

function square(matrix: BitMatrix): BitMatrix {
  return matrix.map((column) => times(matrix, column));
}

function times(matrix: BitMatrix, vector: number): number {
  let sum = 0;
  for (let bit = 0, rest = vector; rest !== 0; bit += 1, rest >>>= 1) {
    if (rest & 1) sum ^= matrix[bit] ?? 0;
  }
  return sum;
}
