import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { CausewayError } from '@causeway/contract';
import type { ListedObject, ObjectReader } from './object-store.ts';

/**
 * Reads a local folder as if it were a bucket and its files were objects, their
 * paths being the keys. Nothing outside the folder can be reached, by `..` or
 * through a symbolic link.
 *
 * An ETag is made of size and time of change: it tells versions apart and nothing else.
 */
export function openFolder(path: string): ObjectReader {
  const folder: Folder = { path: resolve(path) };
  return {
    name: folder.path,
    async headObject(key) {
      const file = await findFile(folder, key);
      return file && { bytes: file.bytes, etag: file.etag, token: null };
    },
    async getObject(key): Promise<Readable> {
      const file = await findFile(folder, key);
      if (!file) throw new CausewayError('object_not_found', { key });
      return createReadStream(file.path);
    },
    listObjects: (prefix) => listFiles(folder, prefix),
  };
}

interface Folder {
  readonly path: string;
}

interface File {
  /** Without symbolic links. */
  readonly path: string;
  readonly bytes: number;
  readonly etag: string;
}

async function findFile(folder: Folder, key: string): Promise<File | null> {
  const refuse = (reason: string) => new CausewayError('invalid_location', { found: key, reason });
  const outside = `it leaves the folder "${folder.path}"`;
  if (key === '' || key.includes('\0') || key.startsWith('/')) {
    throw refuse('it is not the path of a file in the folder');
  }
  if (!isWithin(folder.path, join(folder.path, key))) throw refuse(outside);
  try {
    const path = await realpath(join(folder.path, key));
    if (!isWithin(await realpath(folder.path), path)) throw refuse(outside);
    const stats = await stat(path);
    if (!stats.isFile()) return null;
    const etag = `${stats.size.toString(16)}-${Math.round(stats.mtimeMs).toString(16)}`;
    return { path, bytes: stats.size, etag };
  } catch (error) {
    if (isMissing(error)) return null;
    throw unreadable(error, `${folder.path}${sep}${key}`);
  }
}

async function* listFiles(folder: Folder, prefix: string): AsyncGenerator<ListedObject> {
  const entries = await readdir(folder.path, { recursive: true, withFileTypes: true }).catch(
    (error: unknown) => {
      throw unreadable(error, folder.path);
    },
  );
  const keys = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder.path, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((key) => key.startsWith(prefix))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const key of keys) {
    const file = await findFile(folder, key).catch((error: unknown) => {
      // A link that leaves the folder is not one of its files.
      if (CausewayError.is(error, 'invalid_location')) return null;
      throw error;
    });
    if (file) yield { key, bytes: file.bytes, etag: file.etag };
  }
}

function isWithin(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';
}

function unreadable(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (CausewayError.is(error) || code === undefined) return error;
  if (code === 'EACCES' || code === 'EPERM') {
    return new CausewayError(
      'access_denied',
      { operation: 'read', resource: path },
      { cause: error },
    );
  }
  return new CausewayError(
    'store_unavailable',
    { operation: `read of "${path}"`, reason: code },
    { cause: error },
  );
}
