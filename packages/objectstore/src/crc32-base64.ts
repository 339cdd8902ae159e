import { crc32 } from 'node:zlib';

/** CRC-32 of `body` as S3 writes it: four bytes, big-endian, base64. */
export function crc32Base64(body: Uint8Array): string {
  return encodeCrc32(crc32(body));
}

/** Writes a CRC-32 as S3 does. */
export function encodeCrc32(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString('base64');
}
