import { realpath } from 'node:fs/promises';
import { isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import { CausewayError } from '@causeway/contract';
import { notReadable } from './not-readable.ts';

/**
 * The absolute path of a source, if it lies in one of the folders that sources may
 * come from, wherever symbolic links lead. A relative path is looked for in each of
 * them in turn. Of a file outside, nothing is said, not even whether it exists.
 *
 * @throws CausewayError `source_not_allowed`; `source_not_readable` when there is no such file.
 */
export async function resolveSourcePath(
  path: string,
  sourceDirs: readonly string[],
): Promise<string> {
  const refusal = new CausewayError('source_not_allowed', { path, allowed: sourceDirs });
  if (path.includes('\0')) throw refusal;
  const allowed = allowedCandidates(path, sourceDirs);
  if (allowed.length === 0) throw refusal;
  const realDirs = (await Promise.all(sourceDirs.map(realPathOf))).filter((dir) => dir !== null);
  for (const candidate of allowed) {
    const real = await realPathOf(candidate);
    if (real === null) continue;
    if (!realDirs.some((dir) => contains(dir, real))) throw refusal;
    return candidate;
  }
  throw notReadable(path, 'it does not exist');
}

/** Where a path may lead, by its text alone. */
export function allowedCandidates(path: string, sourceDirs: readonly string[]): string[] {
  const candidates = isAbsolute(path) ? [path] : sourceDirs.map((dir) => join(dir, path));
  return candidates
    .map((candidate) => normalize(candidate))
    .filter((candidate) => sourceDirs.some((dir) => contains(resolve(dir), candidate)));
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function realPathOf(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch {
    // Whatever keeps it from being found keeps it from being read: missing, not permitted, a loop.
    return null;
  }
}
