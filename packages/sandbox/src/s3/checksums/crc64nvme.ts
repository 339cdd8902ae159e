/**
 * CRC-64/NVME, eight bytes at a step, in halves of 32 bits because JavaScript's
 * fast integers end there. Every object whose sender gives no checksum gets this
 * one, so it has to keep up with MD5.
 */
const polynomial = 0x9a6c9329ac4bc9b5n;
const bytesAtOnce = 8;

/** Entry `256 * n + b` is what byte `b` does to the CRC when `n` further bytes follow it. */
const { low: lowTable, high: highTable } = makeTables();

/** Continues the CRC `before` (0n at the start) over `bytes`. */
export function crc64nvme(bytes: Uint8Array, before = 0n): bigint {
  let low = ~Number(BigInt.asIntN(32, before));
  let high = ~Number(BigInt.asIntN(32, before >> 32n));
  let at = 0;
  for (const end = bytes.length - (bytesAtOnce - 1); at < end; at += bytesAtOnce) {
    const a = low ^ wordAt(bytes, at);
    const b = high ^ wordAt(bytes, at + 4);
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
  for (; at < bytes.length; at++) {
    const index = (low ^ (bytes[at] ?? 0)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ entry(lowTable, index);
    high = (high >>> 8) ^ entry(highTable, index);
  }
  return (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
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
