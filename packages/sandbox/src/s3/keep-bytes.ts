import type { BlobWriter } from '../state/blobs.ts';
import { type Slabs, slabBytes } from '../state/slabs.ts';
import type { BodyDigests } from './checksums/body-digests.ts';

/** So many slabs of one body may wait for disk and digests before its sender has to wait. */
const maxUnderWay = 3;

/** Writes a body to a blob and computes its digests, as fast as the slower of the two. */
export async function keepBytes(
  pieces: AsyncIterable<Buffer>,
  digests: BodyDigests,
  writer: BlobWriter,
  slabs: Slabs,
): Promise<void> {
  if (digests.isThreaded) {
    await keepLarge(pieces, digests, writer, slabs);
    return;
  }
  for await (const piece of pieces) {
    digests.update(piece);
    await writer.write(piece);
  }
}

async function keepLarge(
  pieces: AsyncIterable<Buffer>,
  digests: BodyDigests,
  writer: BlobWriter,
  slabs: Slabs,
): Promise<void> {
  const underWay: Promise<void>[] = [];
  let slab = slabs.take();
  let filled = 0;
  const handOn = async () => {
    const full = slab;
    const bytes = full.subarray(0, filled);
    const done = Promise.all([writer.writeNow(bytes), digests.updateThreaded(bytes)]);
    const freed = done.then(() => slabs.giveBack(full));
    // Awaited below; without this a failure before that would count as unhandled.
    freed.catch(() => undefined);
    underWay.push(freed);
    slab = slabs.take();
    filled = 0;
    if (underWay.length >= maxUnderWay) await underWay.shift();
  };
  try {
    for await (const piece of pieces) {
      for (let at = 0; at < piece.length; ) {
        const copied = piece.copy(slab, filled, at);
        at += copied;
        filled += copied;
        if (filled === slabBytes) await handOn();
      }
    }
    if (filled > 0) await handOn();
    await Promise.all(underWay);
  } finally {
    // What disk or digests still read must not be filled anew.
    await Promise.allSettled(underWay);
    slabs.giveBack(slab);
  }
}
