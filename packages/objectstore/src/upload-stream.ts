import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asError } from '@causeway/contract';
import { type Digester, inlineDigester, type RunningDigest } from './digester.ts';
import type { ObjectStore, UploadedPart } from './object-store.ts';
import {
  firstCapacityBytes,
  type PartBuffer,
  type PartBuffers,
  partBuffers,
} from './part-buffers.ts';
import { ownMemory, type PartMemory } from './part-memory.ts';
import { defaultPartSizeBytes, partSizeAt } from './plan-part-size.ts';

export interface UploadStreamInput {
  readonly key: string;
  /** Bytes; each chunk is copied before the next is asked for. Always ended or destroyed afterwards. */
  readonly stream: Readable;
  readonly contentType: string;
  readonly token: string;
  /** Of the first thousand parts, see `partSizeAt`. By default 16 MiB. */
  readonly partSizeBytes?: number;
  /** Who may keep a small stream instead; by default nobody is asked. */
  readonly small?: SmallStreams;
  /** What it shares with other uploads. By default it takes what its parts need. */
  readonly memory?: PartMemory;
  /** Parts under way at a time; one more is being filled. */
  readonly concurrency?: number;
  /** Where SHA-256 is computed; in this thread by default. */
  readonly digester?: Digester;
  /** The upload exists. No part is sent before this resolves. */
  readonly onOpen: (uploadId: string) => Promise<void>;
  /** A part has arrived; parts arrive in any order. */
  readonly onPart: (uploadId: string, part: UploadedPart) => Promise<void>;
  /** So many more bytes have arrived. */
  readonly onProgress?: (bytes: number) => void;
  /** The stream is not read because the store has not yet taken what was sent; and read again. */
  readonly onHeldUp?: (heldUp: boolean) => void;
  readonly signal?: AbortSignal;
}

/** What lies in memory in any case while it is not known whether more follows. */
export const mostSmallBytes = firstCapacityBytes;

export interface SmallStreams {
  /** At most {@link mostSmallBytes}. */
  readonly upToBytes: number;
  /** Given all bytes of a stream, its own from then on; false sends them as an upload all the same. */
  readonly keep: (body: Buffer) => boolean;
}

/** An upload with all its parts in the store, still invisible. */
export interface PendingUpload {
  readonly uploadId: string;
  readonly parts: readonly UploadedPart[];
  readonly bytes: number;
  /** Of all bytes in order, in hexadecimal. */
  readonly sha256: string;
}

export type UploadTarget = Pick<
  ObjectStore,
  'createMultipartUpload' | 'uploadPart' | 'abortMultipartUpload'
>;

/**
 * Sends a stream as the parts of one upload, and does not complete it: nothing is
 * visible yet. Holds at most `concurrency + 1` parts, in memory as far as its share goes.
 *
 * A stream without a byte, or one that was kept, gives null and opens no upload. On failure, and when
 * `signal` fires, the upload is aborted as far as possible and the cause is thrown.
 */
export async function uploadStream(
  store: UploadTarget,
  input: UploadStreamInput,
): Promise<PendingUpload | null> {
  const digester = input.digester ?? inlineDigester;
  const digest = digester.start();
  const failure = new AbortController();
  const stop = (reason: unknown) => failure.abort(reason);
  const onAbort = () => stop(input.signal?.reason);
  const endStream = () => void input.stream.destroy(asError(failure.signal.reason));
  failure.signal.addEventListener('abort', endStream, { once: true });
  input.signal?.addEventListener('abort', onAbort, { once: true });
  if (input.signal?.aborted) onAbort();
  const share = input.memory?.join() ?? ownMemory;
  const buffers = partBuffers({ share, shared: digester.sharesMemory, digest });
  const upload = openOnFirstByte(store, input, stop);
  const sender = partSender(store, input, {
    upload,
    buffers,
    digest,
    stop,
    signal: failure.signal,
  });
  try {
    await readParts(input, buffers, upload, sender);
    failure.signal.throwIfAborted();
    return await sender.finish();
  } catch (error) {
    stop(error);
    await sender.settled();
    await upload.abort();
    throw failure.signal.reason;
  } finally {
    digest.discard();
    await buffers.close();
    input.signal?.removeEventListener('abort', onAbort);
    failure.signal.removeEventListener('abort', endStream);
  }
}

interface LazyUpload {
  /** Opens the upload unless it is open, and gives its id. */
  id(): Promise<string>;
  isOpen(): boolean;
  abort(): Promise<void>;
}

function openOnFirstByte(
  store: UploadTarget,
  input: UploadStreamInput,
  stop: (reason: unknown) => void,
): LazyUpload {
  const { key, contentType, token } = input;
  let created: Promise<string> | undefined;
  let opened: Promise<string> | undefined;
  return {
    id() {
      created ??= store.createMultipartUpload({ key, contentType, token });
      opened ??= created.then(async (uploadId) => {
        await input.onOpen(uploadId);
        return uploadId;
      });
      opened.catch(stop);
      return opened;
    },
    isOpen: () => created !== undefined,
    async abort() {
      // Whoever asked for the upload wants the first cause; what is left behind is in the journal.
      await created
        ?.then((uploadId) => store.abortMultipartUpload({ key, uploadId }))
        .catch(() => undefined);
    },
  };
}

async function readParts(
  { stream, small, partSizeBytes = defaultPartSizeBytes }: UploadStreamInput,
  buffers: PartBuffers,
  upload: LazyUpload,
  sender: PartSender,
): Promise<void> {
  let part: PartBuffer | undefined;
  let bytes = 0;
  const take = async (data: Uint8Array) => {
    bytes += data.byteLength;
    // Opened while the first part fills; a failure ends the stream.
    if (bytes > (small?.upToBytes ?? 0) && !upload.isOpen())
      void upload.id().catch(() => undefined);
    for (let chunk = data; chunk.byteLength > 0; ) {
      part ??= buffers.take(partSizeAt(sender.parts() + 1, partSizeBytes));
      const taken = part.fill(chunk);
      // Memory of our own that is about to be free spares the way over the disk.
      if (taken === 0 && !(await sender.memoryFreed())) await part.spill();
      chunk = chunk.subarray(taken);
      if (!part.isFull()) continue;
      await sender.send(part);
      part = undefined;
    }
  };
  // Not by `for await`, which first joins the chunks that are waiting: one more copy of all bytes.
  const sink = new Writable({
    // Asks for a chunk when it is done with the last. By default small ones would pile up here to
    // 64 KiB, while whoever lends their memory uses it again.
    highWaterMark: 1,
    write: (chunk: Uint8Array, _encoding, done) => void take(chunk).then(() => done(), done),
  });
  await pipeline(stream, sink);
  if (!part) return;
  const isSmall = small !== undefined && bytes <= small.upToBytes && !part.isSpilled();
  if (isSmall && small.keep(part.copy())) return;
  await sender.send(part);
}

interface PartSender {
  /** Waits for a free place, then begins to send. */
  send(part: PartBuffer): Promise<void>;
  /** How many it was given. */
  parts(): number;
  /** Waits until a part gives its memory back; false when none has any. */
  memoryFreed(): Promise<boolean>;
  finish(): Promise<PendingUpload | null>;
  /** Nothing is under way any more. */
  settled(): Promise<void>;
}

interface PartSenderDeps {
  readonly upload: LazyUpload;
  readonly buffers: PartBuffers;
  readonly digest: RunningDigest;
  readonly stop: (reason: unknown) => void;
  readonly signal: AbortSignal;
}

function partSender(
  store: UploadTarget,
  input: UploadStreamInput,
  deps: PartSenderDeps,
): PartSender {
  const { upload, digest, stop, signal } = deps;
  const underWay = new Set<Promise<void>>();
  const inMemory = new Set<Promise<void>>();
  const parts: UploadedPart[] = [];
  let partNumber = 0;
  const onePassed = async (some: ReadonlySet<Promise<void>>) => {
    input.onHeldUp?.(true);
    await Promise.race(some);
    input.onHeldUp?.(false);
  };
  return {
    async send(part) {
      // Before anything of the next part, and so before the first pause.
      const sealed = part.seal();
      sealed.catch(stop);
      while (underWay.size >= (input.concurrency ?? 4)) await onePassed(underWay);
      signal.throwIfAborted();
      const sending = sendPart(store, input, deps, { part, sealed, partNumber: ++partNumber })
        .then((uploaded) => void parts.push(uploaded), stop)
        .finally(() => {
          underWay.delete(sending);
          inMemory.delete(sending);
        });
      underWay.add(sending);
      if (!part.isSpilled()) inMemory.add(sending);
    },
    parts: () => partNumber,
    async memoryFreed() {
      if (inMemory.size === 0) return false;
      await onePassed(inMemory);
      return true;
    },
    async finish() {
      await Promise.all(underWay);
      signal.throwIfAborted();
      if (partNumber === 0) return null;
      parts.sort((a, b) => a.partNumber - b.partNumber);
      const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
      return { uploadId: await upload.id(), parts, bytes, sha256: await digest.finish() };
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}

interface SealedPart {
  readonly part: PartBuffer;
  readonly sealed: Promise<void>;
  readonly partNumber: number;
}

/** Uploads a part while it is being hashed, and gives its memory back when both are done. */
async function sendPart(
  store: UploadTarget,
  input: UploadStreamInput,
  { upload, buffers, signal }: PartSenderDeps,
  { part, sealed, partNumber }: SealedPart,
): Promise<UploadedPart> {
  const crc32 = part.crc32Base64();
  const send = async () => {
    const uploadId = await upload.id();
    const body = await part.load(signal);
    return store.uploadPart({ key: input.key, uploadId, partNumber, body, crc32, signal });
  };
  const [uploaded] = await Promise.all([send(), sealed]);
  buffers.giveBack(part);
  await input.onPart(await upload.id(), uploaded);
  input.onProgress?.(uploaded.bytes);
  return uploaded;
}
