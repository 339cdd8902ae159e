import type { Blobs } from '../state/blobs.ts';
import type { ObjectRecord } from '../state/records.ts';
import type { ByteRange } from './byte-range.ts';

/** Bytes of an object, from whichever of its part files hold them. */
export async function* readObject(
  { parts }: Pick<ObjectRecord, 'parts'>,
  range: ByteRange,
  blobs: Blobs,
): AsyncGenerator<Buffer> {
  let start = 0;
  for (const part of parts) {
    const end = start + part.bytes;
    if (end > range.start && start < range.end) {
      const from = Math.max(range.start - start, 0);
      yield* blobs.read(part.blob, from, Math.min(range.end, end) - start);
    }
    start = end;
  }
}
