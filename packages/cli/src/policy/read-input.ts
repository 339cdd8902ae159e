import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { CausewayError } from '@causeway/contract';

/**
 * The text of a file, or of standard input for `-`.
 *
 * @throws CausewayError `invalid_request` that names the file and what is wrong with it.
 */
export async function readInput(path: string): Promise<string> {
  if (path === '-') return text(process.stdin);
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw cannotUse(path, cause);
  });
}

/** A case or another JSON value from a file. @throws CausewayError `invalid_request` */
export async function readJsonInput(path: string): Promise<unknown> {
  const given = await readInput(path);
  try {
    return JSON.parse(given);
  } catch (cause) {
    throw cannotUse(path, cause);
  }
}

function cannotUse(path: string, cause: unknown): CausewayError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const issues = [{ path: path === '-' ? 'standard input' : path, message }];
  return new CausewayError('invalid_request', { issues }, { cause });
}
