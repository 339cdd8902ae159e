import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './spawn-tied.ts';

/** PostgreSQL says little; this is room for years, or for one bad night. */
const largestLogBytes = 10 * 1024 * 1024;

/** The file that PostgreSQL writes to, and what was written since it was opened. */
export interface ServerLog {
  readonly path: string;
  readonly fd: number;
  readText(): Promise<string>;
  /** The last line that tells of an error, else the last line; empty when there is none. */
  lastLine(): Promise<string>;
  close(): Promise<void>;
}

export async function openServerLog(dataDir: string, account: Account): Promise<ServerLog> {
  const path = join(dataDir, 'postgres.log');
  const before = await stat(path).catch(() => null);
  if (before && before.size > largestLogBytes) await rename(path, `${path}.1`);
  const file = await open(path, 'a+', 0o600);
  // Made by root, it could not be opened any more when its owner starts the next time.
  if (account.uid !== null && account.gid !== null) await file.chown(account.uid, account.gid);
  const { size } = await file.stat();
  const readText = () => readFrom(file, size);
  return {
    path,
    fd: file.fd,
    readText,
    async lastLine() {
      const lines = (await readText()).split('\n').filter((line) => line.trim() !== '');
      return (lines.findLast((line) => /fatal|error/i.test(line)) ?? lines.at(-1) ?? '').trim();
    },
    close: () => file.close(),
  };
}

async function readFrom(file: FileHandle, start: number): Promise<string> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(Math.max(0, size - start));
  await file.read(buffer, 0, buffer.length, start);
  return buffer.toString('utf8');
}
