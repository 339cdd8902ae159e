import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, link, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes are gathered up to this size before they go to the disk in one call. */
const writeSizeBytes = 1024 * 1024;
/** A piece read from disk at once, and the most one answer holds in memory. */
const readSizeBytes = 512 * 1024;

/** The bytes of objects and parts, one file each, never changed once written. */
export class Blobs {
  readonly #folder: string;
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  async create(): Promise<BlobWriter> {
    const id = randomUUID();
    return new BlobWriter(id, await open(this.#path(id), 'wx', 0o600), () => this.#unlink(id));
  }

  /** Gives the bytes of a blob a second id. They are never changed, so no byte is copied. */
  async copy(id: string): Promise<string> {
    const copy = randomUUID();
    await link(this.#path(id), this.#path(copy));
    return copy;
  }

  /** Keeps these blobs on disk until the answer is called, even when they are removed meanwhile. */
  pin(ids: readonly string[]): () => void {
    for (const id of ids) this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
    let held = true;
    return () => {
      if (held) for (const id of ids) this.#unpin(id);
      held = false;
    };
  }

  /** Removes blobs that no record names any more. A reader that has begun still reads to the end. */
  remove(ids: Iterable<string>): void {
    for (const id of ids) {
      if (this.#readers.has(id)) this.#doomed.add(id);
      else this.#unlink(id);
    }
  }

  /** Removes what a killed process wrote and never acknowledged. */
  removeAllBut(named: ReadonlySet<string>): void {
    for (const id of readdirSync(this.#folder)) {
      if (!named.has(id)) rmSync(this.#path(id), { force: true });
    }
  }

  /**
   * Bytes from `start` up to, not including, `end`.
   *
   * A piece is good until the next one is asked for: two pieces of memory take
   * turns, one being read into while the other is sent.
   */
  async *read(id: string, start: number, end: number): AsyncGenerator<Buffer> {
    const file = await open(this.#path(id));
    let underWay: Promise<Buffer> | null = null;
    try {
      const size = Math.min(readSizeBytes, Math.max(end - start, 0));
      let free: Buffer = Buffer.allocUnsafeSlow(size);
      let other: Buffer | null = null;
      let at = start;
      const readOn = (into: Buffer) => readPiece(file, into, at, Math.min(size, end - at));
      underWay = at < end ? readOn(free) : null;
      while (underWay) {
        const piece: Buffer = await underWay;
        if (piece.length === 0) throw new Error(`Cannot read blob "${id}": it ends at byte ${at}`);
        at += piece.length;
        const filled = free;
        free = other ?? Buffer.allocUnsafeSlow(at < end ? size : 0);
        other = filled;
        underWay = at < end ? readOn(free) : null;
        yield piece;
      }
    } finally {
      // A file must not be closed under a read.
      await underWay?.catch(() => undefined);
      await file.close();
    }
  }

  #path(id: string): string {
    return join(this.#folder, id);
  }

  #unpin(id: string): void {
    const readers = (this.#readers.get(id) ?? 1) - 1;
    if (readers > 0) {
      this.#readers.set(id, readers);
      return;
    }
    this.#readers.delete(id);
    if (this.#doomed.delete(id)) this.#unlink(id);
  }

  #unlink(id: string): void {
    // A file that stays behind is no harm: the next start removes it.
    unlink(this.#path(id)).catch(() => undefined);
  }
}

/** A blob on its way to the disk: the caller goes on while the last piece is written. */
export class BlobWriter {
  readonly id: string;
  bytes = 0;
  readonly #file: FileHandle;
  readonly #unlink: () => void;
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(id: string, file: FileHandle, unlink: () => void) {
    this.id = id;
    this.#file = file;
    this.#unlink = unlink;
  }

  async write(bytes: Buffer): Promise<void> {
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
    this.bytes += bytes.length;
    if (this.#gatheredBytes >= writeSizeBytes) await this.#flush();
  }

  /**
   * Returns when these bytes are in the file; they must not change before that.
   * It need not be waited for: bytes are written in the order of the calls.
   */
  writeNow(bytes: Buffer): Promise<unknown> {
    const gathered = [...this.#gathered, bytes];
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.bytes += bytes.length;
    this.#writing = this.#writing.then(() => writeAll(this.#file, gathered));
    this.#writing.catch(() => undefined);
    return this.#writing;
  }

  /** Returns when all bytes are in the file. */
  async finish(): Promise<void> {
    await this.#flush();
    await this.#writing;
    await this.#file.close();
  }

  async discard(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#file.close().catch(() => undefined);
    this.#unlink();
  }

  async #flush(): Promise<void> {
    await this.#writing;
    const gathered = this.#gathered;
    if (gathered.length === 0) return;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#writing = writeAll(this.#file, gathered);
    // Awaited by the next flush; without this a failure before that would count as unhandled.
    this.#writing.catch(() => undefined);
  }
}

async function readPiece(
  file: FileHandle,
  into: Buffer,
  at: number,
  bytes: number,
): Promise<Buffer> {
  const { bytesRead } = await file.read(into, 0, bytes, at);
  return into.subarray(0, bytesRead);
}

async function writeAll(file: FileHandle, buffers: readonly Buffer[]): Promise<void> {
  const wanted = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  const { bytesWritten } = await file.writev([...buffers]);
  if (bytesWritten === wanted) return;
  const rest = Buffer.concat(buffers).subarray(bytesWritten);
  for (let at = 0; at < rest.length; ) at += (await file.write(rest, at)).bytesWritten;
}
