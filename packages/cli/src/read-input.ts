import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { CausewayError } from '@causeway/contract';

/**
 * The text of a file, or of standard input for `-`.
 *
 * @throws CausewayError `file_not_readable` that names the file and what is wrong with it.
 */
export async function readInput(path: string): Promise<string> {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await readInputFile(path));
}

/** The same as it is, whatever its encoding. @throws CausewayError `file_not_readable` */
export async function readInputFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = path === '-' ? buffer(process.stdin) : readFile(path);
  return new Uint8Array(
    await bytes.catch((cause: unknown) => {
      throw new CausewayError('file_not_readable', { path, reason: reasonOf(cause) }, { cause });
    }),
  );
}

/** A JSON value from a file. @throws CausewayError `file_not_readable` or `invalid_request` */
export async function readJsonInput(path: string): Promise<unknown> {
  const given = await readInput(path);
  try {
    return JSON.parse(given);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const issues = [{ path: path === '-' ? 'standard input' : path, message }];
    throw new CausewayError('invalid_request', { issues }, { cause });
  }
}

const reasons: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'it does not exist'],
  ['ENOTDIR', 'a part of its path is no folder'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'it may not be read by this user'],
  ['EPERM', 'it may not be read by this user'],
]);

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return reasons.get('code' in cause ? cause.code : undefined) ?? cause.message;
}
