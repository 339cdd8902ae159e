import { crc32 } from 'node:zlib';
import { encodeCrc32 } from './crc32-base64.ts';
import type { RunningDigest } from './digester.ts';
import type { MemoryShare } from './part-memory.ts';
import type { SpillFile } from './spill-file.ts';

/** One part being filled: its bytes, their CRC-32, and their share of the stream's digest. */
export interface PartBuffer {
  /**
   * Copies as much of `chunk` as fits, and says how much that was: nothing when the upload's
   * share of memory is used up. Then {@link spill} makes room.
   */
  fill(chunk: Uint8Array): number;
  /** Moves to disk what was filled. */
  spill(): Promise<void>;
  isFull(): boolean;
  isSpilled(): boolean;
  /** What lies in memory. */
  copy(): Buffer;
  crc32Base64(): string;
  /** The part is complete. Resolves when the digest has read all of it. */
  seal(): Promise<void>;
  /** All of it in memory, read back where it was spilled. Once, after {@link seal} was called. */
  load(signal: AbortSignal): Promise<Uint8Array>;
}

export interface PartBuffers {
  /** An empty part of this size, in memory given back before if there is any. */
  take(sizeBytes: number): PartBuffer;
  /** Only after what {@link PartBuffer.seal} gave has resolved. */
  giveBack(part: PartBuffer): void;
  /** Gives back all memory, and closes what was spilled. Nothing may be under way. */
  close(): Promise<void>;
}

export interface PartBuffersOptions {
  readonly share: MemoryShare;
  /** Whether another thread reads the memory. */
  readonly shared: boolean;
  readonly digest: RunningDigest;
}

/** A part starts this small where it may be the only one, so that a thousand small objects do not take a thousand parts of memory. */
export const firstCapacityBytes = 64 * 1024;
/** Handed to the digest as soon as there is this much: it need not wait until the part is full. */
const digestedAtOnceBytes = 2 * 1024 ** 2;

/** Memory for parts, used again and again; it never grows beyond what is taken at once. */
export function partBuffers(options: PartBuffersOptions): PartBuffers {
  const { share } = options;
  const free: Uint8Array[] = [];
  const open = new Map<PartBuffer, OwnPart>();
  let first = true;
  const memoryFor = (sizeBytes: number): Uint8Array => {
    const kept = free.pop();
    if (kept?.byteLength === sizeBytes) return kept;
    if (kept) share.give(kept.byteLength);
    if (!first && share.tryTake(sizeBytes)) return allocate(sizeBytes, options);
    first = false;
    const capacity = Math.min(firstCapacityBytes, sizeBytes);
    share.takeFirst(capacity);
    return allocate(capacity, options);
  };
  return {
    take(sizeBytes) {
      const own = newPart(sizeBytes, memoryFor(sizeBytes), options);
      open.set(own.part, own);
      return own.part;
    },
    giveBack(part) {
      const own = open.get(part);
      open.delete(part);
      const memory = own?.release();
      if (!memory) return;
      if (part.isFull() && share.mayKeep()) free.push(memory);
      else share.give(memory.byteLength);
    },
    async close() {
      const parts = [...open.values()];
      open.clear();
      await Promise.all(parts.map((own) => own.closeSpill()));
      share.leave();
    },
  };
}

function allocate(bytes: number, { shared }: PartBuffersOptions): Uint8Array {
  return shared ? new Uint8Array(new SharedArrayBuffer(bytes)) : Buffer.allocUnsafeSlow(bytes);
}

interface OwnPart {
  readonly part: PartBuffer;
  /** Memory that may be used again; what was read back is given back here. */
  release(): Uint8Array | null;
  closeSpill(): Promise<void>;
}

function newPart(sizeBytes: number, initial: Uint8Array, options: PartBuffersOptions): OwnPart {
  const { digest, share } = options;
  let memory = initial;
  /** In memory; `spilled` bytes come before them. */
  let length = 0;
  let spilled = 0;
  let spillFile: SpillFile | undefined;
  let moving: Promise<void> = Promise.resolve();
  let closed = false;
  let loaded = 0;
  let digested = 0;
  let crc = 0;
  const grow = (needed: number) => {
    let capacity = memory.byteLength;
    while (capacity < needed) capacity *= 2;
    capacity = Math.min(capacity, sizeBytes);
    const more = capacity - memory.byteLength;
    if (more <= 0 || !share.tryTake(more)) return;
    const larger = allocate(capacity, options);
    larger.set(memory.subarray(0, length));
    memory = larger;
  };
  const digestRest = () => {
    const rest = memory.subarray(digested, length);
    digested = length;
    return digest.update(rest);
  };
  const closeSpill = async () => {
    closed = true;
    // One that was given up while it spilled still has its file open.
    await moving.catch(() => undefined);
    await spillFile?.close();
    spillFile = undefined;
  };
  const move = async () => {
    spillFile ??= await share.spill();
    await spillFile.append(memory.subarray(0, length));
    spilled += length;
    length = 0;
    digested = 0;
  };
  const moveToDisk = () => {
    if (closed) return Promise.reject(new Error('Cannot spill a part: its upload is over'));
    moving = move();
    return moving;
  };
  const part: PartBuffer = {
    fill(chunk) {
      const wanted = Math.min(chunk.byteLength, sizeBytes - spilled - length);
      if (length + wanted > memory.byteLength) grow(length + wanted);
      const piece = chunk.subarray(0, Math.min(wanted, memory.byteLength - length));
      memory.set(piece, length);
      // Now, while the bytes are in the processor's cache: later it takes twice as long.
      crc = crc32(piece, crc);
      length += piece.byteLength;
      // A digest that fails fails the seal too.
      if (length - digested >= digestedAtOnceBytes) digestRest().catch(() => undefined);
      return piece.byteLength;
    },
    async spill() {
      await digestRest();
      await moveToDisk();
    },
    isFull: () => spilled + length === sizeBytes,
    isSpilled: () => spilled > 0,
    copy: () => Buffer.from(memory.subarray(0, length)),
    crc32Base64: () => encodeCrc32(crc),
    seal: digestRest,
    async load(signal) {
      if (!spillFile) return memory.subarray(0, length);
      // While it waits for memory it holds none.
      await moveToDisk();
      share.give(memory.byteLength);
      memory = new Uint8Array();
      await share.takeToSend(spilled, signal);
      loaded = spilled;
      memory = allocate(spilled, options);
      await spillFile.read(memory);
      await closeSpill();
      return memory;
    },
  };
  const release = () => {
    if (loaded === 0) return memory;
    share.giveSent(loaded);
    return null;
  };
  return { part, release, closeSpill };
}
