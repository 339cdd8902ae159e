import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { explainFullDisk } from '@causeway/contract';

/** Bytes of one part that found no room in memory. */
export interface SpillFile {
  /** @throws CausewayError `disk_full`. */
  append(bytes: Uint8Array): Promise<void>;
  /** Fills `target` from the beginning. */
  read(target: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file in `folder` for this process alone. Its name is gone before the first
 * byte is written, so that a process that is killed leaves nothing behind.
 *
 * @throws CausewayError `disk_full`.
 */
export async function openSpillFile(folder: string): Promise<SpillFile> {
  const file = await onDisk(() => openUnnamed(folder));
  let length = 0;
  return {
    async append(bytes) {
      for (let at = 0; at < bytes.byteLength; ) {
        const write = () => file.write(bytes, at, bytes.byteLength - at, length);
        const { bytesWritten } = await onDisk(write);
        at += bytesWritten;
        length += bytesWritten;
      }
    },
    async read(target) {
      for (let at = 0; at < target.byteLength; ) {
        const { bytesRead } = await file.read(target, at, target.byteLength - at, at);
        if (bytesRead === 0) throw new Error(`The spilled part ends after ${at} bytes`);
        at += bytesRead;
      }
    },
    close: () => file.close(),
  };
}

async function openUnnamed(folder: string): Promise<FileHandle> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `part-${randomUUID()}`);
  const { O_RDWR, O_CREAT, O_EXCL } = constants;
  const file = await open(path, O_RDWR | O_CREAT | O_EXCL, 0o600);
  await unlink(path);
  return file;
}

async function onDisk<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw explainFullDisk(error, 'parts of files that wait until they are sent');
  }
}
