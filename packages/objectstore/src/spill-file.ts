import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of one part that found no room in memory. */
export interface SpillFile {
  append(bytes: Uint8Array): Promise<void>;
  /** Fills `target` from the beginning. */
  read(target: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file in `folder` for this process alone. Its name is gone before the first
 * byte is written, so that a process that is killed leaves nothing behind.
 */
export async function openSpillFile(folder: string): Promise<SpillFile> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `part-${randomUUID()}`);
  const { O_RDWR, O_CREAT, O_EXCL } = constants;
  const file = await open(path, O_RDWR | O_CREAT | O_EXCL, 0o600);
  await unlink(path);
  let length = 0;
  return {
    async append(bytes) {
      for (let at = 0; at < bytes.byteLength; ) {
        const { bytesWritten } = await file.write(bytes, at, bytes.byteLength - at, length);
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
