import type { BigIntStats } from 'node:fs';
import { constants, type FileHandle, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CausewayError, type Format } from '@causeway/contract';

/** A file that is there and looks whole, and how to tell whether it is still the same. */
export interface SourceFile {
  readonly path: string;
  readonly version: string;
}

/**
 * Looks at a file before DuckDB does, to say plainly what is wrong with it.
 *
 * @throws CausewayError `source_not_readable`.
 */
export async function openSourceFile(path: string, format: Format): Promise<SourceFile> {
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isFile()) {
      throw notReadable(path, found.isDirectory() ? 'it is a folder' : 'it is not a regular file');
    }
    await checkContent(path, format, Number(found.size));
    return { path: resolve(path), version: versionOf(found) };
  } catch (error) {
    if (CausewayError.is(error)) throw error;
    throw notReadable(path, systemReason(error), error);
  }
}

/** @throws CausewayError `source_not_readable` when the file was replaced or written to since. */
export async function checkUnchanged(file: SourceFile): Promise<void> {
  const now = await stat(file.path, { bigint: true }).then(versionOf, systemReason);
  if (now !== file.version) throw notReadable(file.path, 'it changed while it was read');
}

export function notReadable(path: string, reason: string, cause?: unknown): CausewayError {
  return new CausewayError('source_not_readable', { path, reason }, { cause });
}

function versionOf(found: BigIntStats): string {
  return [found.dev, found.ino, found.size, found.mtimeNs].join(':');
}

async function checkContent(path: string, format: Format, size: number): Promise<void> {
  const file = await open(path, constants.O_RDONLY);
  try {
    if (format === 'parquet') await checkParquet(file, path, size);
  } finally {
    await file.close();
  }
}

/** A Parquet file begins and ends with the same four bytes; what is cut off lacks the last. */
async function checkParquet(file: FileHandle, path: string, size: number): Promise<void> {
  if (size === 0) throw notReadable(path, 'it is empty');
  const head = await readText(file, 0);
  if (head === 'PARE') throw notReadable(path, 'it is an encrypted Parquet file');
  if (head !== 'PAR1') throw notReadable(path, 'it is not a Parquet file');
  const tail = size < 12 ? '' : await readText(file, size - 4);
  if (tail !== 'PAR1') {
    throw notReadable(
      path,
      'it is a truncated Parquet file: its end, which describes it, is missing',
    );
  }
}

async function readText(file: FileHandle, position: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, position);
  return buffer.toString('latin1', 0, bytesRead);
}

const systemReasons = new Map([
  ['ENOENT', 'it does not exist'],
  ['ENOTDIR', 'it does not exist'],
  ['EACCES', 'the Causeway process may not read it'],
  ['EPERM', 'the Causeway process may not read it'],
  ['ERR_INVALID_ARG_VALUE', 'its name is not a file name'],
]);

function systemReason(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return systemReasons.get(code) ?? (code || message);
}
