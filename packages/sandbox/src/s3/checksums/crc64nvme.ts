/** CRC-64/NVME, in halves of 32 bits because JavaScript's integers end there. */
const polynomial = 0x9a6c9329ac4bc9b5n;

const lowTable = new Uint32Array(256);
const highTable = new Uint32Array(256);
for (let n = 0; n < 256; n++) {
  let crc = BigInt(n);
  for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? polynomial ^ (crc >> 1n) : crc >> 1n;
  lowTable[n] = Number(crc & 0xffffffffn);
  highTable[n] = Number(crc >> 32n);
}

/** Continues the CRC `before` (0n at the start) over `bytes`. */
export function crc64nvme(bytes: Uint8Array, before = 0n): bigint {
  let low = ~Number(before & 0xffffffffn);
  let high = ~Number(before >> 32n);
  for (let at = 0; at < bytes.length; at++) {
    const index = (low ^ (bytes[at] ?? 0)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (lowTable[index] ?? 0);
    high = (high >>> 8) ^ (highTable[index] ?? 0);
  }
  return (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0);
}
