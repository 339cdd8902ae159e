import { crc32 } from 'node:zlib';
import { encodeCrc32 } from './crc32-base64.ts';

/** One part being filled: its bytes, and their CRC-32 so far. */
export interface PartBuffer {
  readonly length: number;
  /** Copies as much of `chunk` as fits, and says how much that was. */
  fill(chunk: Uint8Array): number;
  isFull(): boolean;
  bytes(): Uint8Array;
  crc32Base64(): string;
}

export interface PartBuffers {
  /** An empty part, in memory given back before if there is any. */
  take(): PartBuffer;
  giveBack(part: PartBuffer): void;
}

/** The first part starts this small, so that a thousand small objects do not take a thousand parts of memory. */
const firstCapacity = 64 * 1024;

/** Memory for parts, used again and again; it never grows beyond what is taken at once. */
export function partBuffers(partSizeBytes: number, shared: boolean): PartBuffers {
  const free: Uint8Array[] = [];
  const owned = new WeakMap<PartBuffer, () => Uint8Array>();
  const allocate = (size: number) =>
    shared ? new Uint8Array(new SharedArrayBuffer(size)) : Buffer.allocUnsafeSlow(size);
  let first = true;
  return {
    take() {
      const capacity = first ? Math.min(firstCapacity, partSizeBytes) : partSizeBytes;
      first = false;
      const { part, memory } = newPart(free.pop() ?? allocate(capacity), partSizeBytes, allocate);
      owned.set(part, memory);
      return part;
    },
    giveBack(part) {
      const memory = owned.get(part)?.();
      owned.delete(part);
      if (memory && memory.byteLength === partSizeBytes) free.push(memory);
    },
  };
}

function newPart(initial: Uint8Array, size: number, allocate: (size: number) => Uint8Array) {
  let memory = initial;
  let length = 0;
  let crc = 0;
  const makeRoom = (needed: number) => {
    if (needed <= memory.byteLength) return;
    let capacity = memory.byteLength;
    while (capacity < needed) capacity *= 2;
    const larger = allocate(Math.min(capacity, size));
    larger.set(memory.subarray(0, length));
    memory = larger;
  };
  const part: PartBuffer = {
    get length() {
      return length;
    },
    fill(chunk) {
      const piece = chunk.subarray(0, size - length);
      makeRoom(length + piece.byteLength);
      memory.set(piece, length);
      // Now, while the bytes are in the processor's cache: later it takes twice as long.
      crc = crc32(piece, crc);
      length += piece.byteLength;
      return piece.byteLength;
    },
    isFull: () => length === size,
    bytes: () => memory.subarray(0, length),
    crc32Base64: () => encodeCrc32(crc),
  };
  return { part, memory: () => memory };
}
