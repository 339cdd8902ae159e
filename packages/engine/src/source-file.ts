import type { BigIntStats } from 'node:fs';
import { constants, type FileHandle, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CausewayError, type SourceCompression, type SourceFormat } from '@causeway/contract';

/** A file that is there and looks whole, and how to tell whether it is still the same. */
export interface SourceFile {
  readonly path: string;
  /** What messages call it. */
  readonly label: string;
  readonly compression: FileCompression;
  readonly version: string;
  readonly bytes: number;
}

export type FileCompression = Exclude<SourceCompression, 'auto'>;

export interface SourceForm {
  readonly format: SourceFormat;
  /** Default `auto`. */
  readonly compression?: SourceCompression;
  /** Default: its path. */
  readonly label?: string;
}

/**
 * Looks at a file before DuckDB does, to say plainly what is wrong with it.
 *
 * @throws CausewayError `source_not_readable`.
 */
export async function openSourceFile(path: string, form: SourceForm): Promise<SourceFile> {
  const { format, compression = 'auto', label = path } = form;
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isFile()) {
      throw notReadable(label, found.isDirectory() ? 'it is a folder' : 'it is not a regular file');
    }
    const start = await readEnds(path, Number(found.size));
    const packed = format === 'parquet' ? 'none' : compressionOf(start.head);
    if (format === 'parquet') checkParquet(start, label, Number(found.size));
    else checkCompression(packed, compression, label);
    const bytes = Number(found.size);
    return { path: resolve(path), label, compression: packed, version: versionOf(found), bytes };
  } catch (error) {
    if (CausewayError.is(error)) throw error;
    throw notReadable(label, systemReason(error), error);
  }
}

/** @throws CausewayError `source_not_readable` when the file was replaced or written to since. */
export async function checkUnchanged(file: SourceFile): Promise<void> {
  const now = await stat(file.path, { bigint: true }).then(versionOf, systemReason);
  if (now !== file.version) throw notReadable(file.label, 'it changed while it was read');
}

export function notReadable(path: string, reason: string, cause?: unknown): CausewayError {
  return new CausewayError('source_not_readable', { path, reason }, { cause });
}

function versionOf(found: BigIntStats): string {
  return [found.dev, found.ino, found.size, found.mtimeNs].join(':');
}

interface FileEnds {
  /** The first four bytes, and the last. */
  readonly head: string;
  readonly tail: string;
}

async function readEnds(path: string, size: number): Promise<FileEnds> {
  const file = await open(path, constants.O_RDONLY);
  try {
    return {
      head: await readText(file, 0),
      tail: size < 12 ? '' : await readText(file, size - 4),
    };
  } finally {
    await file.close();
  }
}

/** A Parquet file begins and ends with the same four bytes; what is cut off lacks the last. */
function checkParquet({ head, tail }: FileEnds, label: string, size: number): void {
  if (size === 0) throw notReadable(label, 'it is empty');
  if (head === 'PARE') throw notReadable(label, 'it is an encrypted Parquet file');
  if (head !== 'PAR1') throw notReadable(label, 'it is not a Parquet file');
  if (tail !== 'PAR1') {
    throw notReadable(
      label,
      'it is a truncated Parquet file: its end, which describes it, is missing',
    );
  }
}

/** By the first bytes: RFC 1952 and RFC 8878. No text begins like that. */
function compressionOf(head: string): FileCompression {
  if (head.startsWith('\x1f\x8b')) return 'gzip';
  return head === '\x28\xb5\x2f\xfd' ? 'zstd' : 'none';
}

function checkCompression(
  found: FileCompression,
  expected: SourceCompression,
  label: string,
): void {
  if (expected === 'auto' || expected === found) return;
  const reason =
    found === 'none'
      ? `it is not compressed with ${expected}`
      : `it is compressed with ${found}, and not ${expected === 'none' ? 'plain' : expected}`;
  throw notReadable(label, reason);
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
