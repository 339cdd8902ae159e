import { crc32 } from 'node:zlib';
import { encodeCrc32 } from './crc32-base64.ts';
import type { RunningDigest } from './digester.ts';

/** One part being filled: its bytes, their CRC-32, and their share of the stream's digest. */
export interface PartBuffer {
  /** Copies as much of `chunk` as fits, and says how much that was. */
  fill(chunk: Uint8Array): number;
  isFull(): boolean;
  bytes(): Uint8Array;
  crc32Base64(): string;
  /** The part is complete. Resolves when the digest has read all of it. */
  seal(): Promise<void>;
}

export interface PartBuffers {
  /** An empty part, in memory given back before if there is any. */
  take(): PartBuffer;
  /** Only after what {@link PartBuffer.seal} gave has resolved. */
  giveBack(part: PartBuffer): void;
}

export interface PartBuffersOptions {
  readonly partSizeBytes: number;
  /** Whether another thread reads the memory. */
  readonly shared: boolean;
  readonly digest: RunningDigest;
}

/** The first part starts this small, so that a thousand small objects do not take a thousand parts of memory. */
const firstCapacity = 64 * 1024;
/** Handed to the digest as soon as there is this much: it need not wait until the part is full. */
const digestedAtOnceBytes = 2 * 1024 ** 2;

/** Memory for parts, used again and again; it never grows beyond what is taken at once. */
export function partBuffers(options: PartBuffersOptions): PartBuffers {
  const { partSizeBytes } = options;
  const free: Uint8Array[] = [];
  const memoryOf = new WeakMap<PartBuffer, () => Uint8Array>();
  let first = true;
  return {
    take() {
      const capacity = first ? Math.min(firstCapacity, partSizeBytes) : partSizeBytes;
      first = false;
      const { part, memory } = newPart(free.pop() ?? allocate(capacity, options), options);
      memoryOf.set(part, memory);
      return part;
    },
    giveBack(part) {
      const memory = memoryOf.get(part)?.();
      memoryOf.delete(part);
      if (memory?.byteLength === partSizeBytes) free.push(memory);
    },
  };
}

function allocate(bytes: number, { shared }: PartBuffersOptions): Uint8Array {
  return shared ? new Uint8Array(new SharedArrayBuffer(bytes)) : Buffer.allocUnsafeSlow(bytes);
}

function newPart(initial: Uint8Array, options: PartBuffersOptions) {
  const { partSizeBytes, digest } = options;
  let memory = initial;
  let length = 0;
  let digested = 0;
  let crc = 0;
  const makeRoom = (needed: number) => {
    if (needed <= memory.byteLength) return;
    let capacity = memory.byteLength;
    while (capacity < needed) capacity *= 2;
    const larger = allocate(Math.min(capacity, partSizeBytes), options);
    larger.set(memory.subarray(0, length));
    memory = larger;
  };
  const digestRest = () => {
    const rest = memory.subarray(digested, length);
    digested = length;
    return digest.update(rest);
  };
  const part: PartBuffer = {
    fill(chunk) {
      const piece = chunk.subarray(0, partSizeBytes - length);
      makeRoom(length + piece.byteLength);
      memory.set(piece, length);
      // Now, while the bytes are in the processor's cache: later it takes twice as long.
      crc = crc32(piece, crc);
      length += piece.byteLength;
      // A digest that fails fails the seal too.
      if (length - digested >= digestedAtOnceBytes) digestRest().catch(() => undefined);
      return piece.byteLength;
    },
    isFull: () => length === partSizeBytes,
    bytes: () => memory.subarray(0, length),
    crc32Base64: () => encodeCrc32(crc),
    seal: digestRest,
  };
  return { part, memory: () => memory };
}
