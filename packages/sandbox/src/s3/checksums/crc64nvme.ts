import { endianness } from 'node:os';

/**
 * CRC-64/NVME, eight bytes at a step, in halves of 32 bits because JavaScript's
 * fast integers end there. Every object whose sender gives no checksum gets this
 * one, so it has to keep up with MD5.
 */
const polynomial = 0x9a6c9329ac4bc9b5n;
const bytesAtOnce = 8;

/** Entry `256 * n + b` is what byte `b` does to the CRC when `n` further bytes follow it. */
const { low: lowTable, high: highTable } = makeTables();

/** Elsewhere words would have their bytes the other way round, and all goes byte by byte. */
const isLittleEndian = endianness() === 'LE';

/** Continues the CRC `before` (0n at the start) over `bytes`. */
export function crc64nvme(bytes: Uint8Array, before = 0n): bigint {
  const words = wordsOf(bytes);
  const start = words === null ? bytes.length : words.byteOffset - bytes.byteOffset;
  const end = start + (words?.byteLength ?? 0);
  const crc: Halves = {
    low: ~Number(BigInt.asIntN(32, before)),
    high: ~Number(BigInt.asIntN(32, before >> 32n)),
  };
  addBytes(crc, bytes.subarray(0, start));
  if (words !== null) addWords(crc, words);
  addBytes(crc, bytes.subarray(end));
  return (BigInt(~crc.high >>> 0) << 32n) | BigInt(~crc.low >>> 0);
}

interface Halves {
  low: number;
  high: number;
}

/** As many pairs of words as lie in `bytes`; null when there are none. Reading them costs half of reading bytes. */
function wordsOf(bytes: Uint8Array): Int32Array | null {
  const skipped = -bytes.byteOffset & 3;
  const pairs = Math.floor((bytes.length - skipped) / bytesAtOnce);
  if (!isLittleEndian || pairs <= 0) return null;
  return new Int32Array(bytes.buffer, bytes.byteOffset + skipped, 2 * pairs);
}

function addWords(crc: Halves, words: Int32Array): void {
  let { low, high } = crc;
  for (let at = 0; at < words.length; at += 2) {
    const a = low ^ entry(words, at);
    const b = high ^ entry(words, at + 1);
    const i0 = 1792 | (a & 0xff);
    const i1 = 1536 | ((a >>> 8) & 0xff);
    const i2 = 1280 | ((a >>> 16) & 0xff);
    const i3 = 1024 | (a >>> 24);
    const i4 = 768 | (b & 0xff);
    const i5 = 512 | ((b >>> 8) & 0xff);
    const i6 = 256 | ((b >>> 16) & 0xff);
    const i7 = b >>> 24;
    low =
      entry(lowTable, i0) ^
      entry(lowTable, i1) ^
      entry(lowTable, i2) ^
      entry(lowTable, i3) ^
      entry(lowTable, i4) ^
      entry(lowTable, i5) ^
      entry(lowTable, i6) ^
      entry(lowTable, i7);
    high =
      entry(highTable, i0) ^
      entry(highTable, i1) ^
      entry(highTable, i2) ^
      entry(highTable, i3) ^
      entry(highTable, i4) ^
      entry(highTable, i5) ^
      entry(highTable, i6) ^
      entry(highTable, i7);
  }
  crc.low = low;
  crc.high = high;
}

function addBytes(crc: Halves, bytes: Uint8Array): void {
  for (const byte of bytes) {
    const index = (crc.low ^ byte) & 0xff;
    crc.low = ((crc.low >>> 8) | (crc.high << 24)) ^ entry(lowTable, index);
    crc.high = (crc.high >>> 8) ^ entry(highTable, index);
  }
}

function entry(table: Int32Array, index: number): number {
  return table[index] ?? 0;
}

function makeTables(): { readonly low: Int32Array; readonly high: Int32Array } {
  const low = new Int32Array(256 * bytesAtOnce);
  const high = new Int32Array(256 * bytesAtOnce);
  const first = Array.from({ length: 256 }, (_, byte) => {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
    return crc;
  });
  let row = first;
  for (let following = 0; following < bytesAtOnce; following++) {
    for (const [byte, crc] of row.entries()) {
      low[256 * following + byte] = Number(BigInt.asIntN(32, crc));
      high[256 * following + byte] = Number(BigInt.asIntN(32, crc >> 32n));
    }
    row = row.map((crc) => (crc >> 8n) ^ (first[Number(crc & 0xffn)] ?? 0n));
  }
  return { low, high };
}
