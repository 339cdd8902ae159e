import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { notReadable, type SourceFile } from './source-file.ts';

/**
 * Makes sure that a compressed file is whole. DuckDB reads a gzip file that is cut off to
 * where it is cut, and takes that for its end; of gzip it compares no checksum either, so
 * that is unpacked here once more, beside the query. Of zstd it compares the checksums,
 * and only the end is looked for here.
 *
 * @throws CausewayError `source_not_readable`; whatever aborted `signal`.
 */
export async function checkWhole(file: SourceFile, signal: AbortSignal): Promise<void> {
  const { path, label, compression } = file;
  if (compression === 'none') return;
  try {
    if (compression === 'zstd') await walkZstd(path, signal);
    else await pipeline(createReadStream(path), createGunzip(), nowhere(), { signal });
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw notReadable(label, `its ${compression} data is damaged or cut off (${reason})`, error);
  }
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** From frame to frame and block to block, by their headers: RFC 8878, section 3. */
async function walkZstd(path: string, signal: AbortSignal): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    for (let at = 0; at < size; ) {
      signal.throwIfAborted();
      at = await endOfFrame(file, at, signal);
      if (at > size) throw new Error('unexpected end of file');
    }
  } finally {
    await file.close();
  }
}

async function endOfFrame(file: FileHandle, start: number, signal: AbortSignal): Promise<number> {
  const magic = await readNumber(file, start, 4);
  // Skippable: its length follows.
  if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50) {
    return start + 8 + (await readNumber(file, start + 4, 4));
  }
  if (magic !== 0xfd2fb528) throw new Error('a frame has no magic number');
  const descriptor = await readNumber(file, start + 4, 1);
  let at = start + 5 + headerBytes(descriptor);
  for (let isLast = false; !isLast; ) {
    signal.throwIfAborted();
    const block = await readNumber(file, at, 3);
    isLast = (block & 1) === 1;
    const isRepeated = ((block >> 1) & 3) === 1;
    at += 3 + (isRepeated ? 1 : block >> 3);
  }
  const checksumBytes = (descriptor & 4) === 0 ? 0 : 4;
  return at + checksumBytes;
}

/** What a frame's descriptor says of the header that follows it: window, dictionary, size of content. */
function headerBytes(descriptor: number): number {
  const isSingle = (descriptor & 0x20) !== 0;
  const window = isSingle ? 0 : 1;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const content = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  return window + dictionary + content;
}

async function readNumber(file: FileHandle, at: number, bytes: number): Promise<number> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, at);
  if (bytesRead < bytes) throw new Error('unexpected end of file');
  return buffer.readUIntLE(0, bytes);
}
