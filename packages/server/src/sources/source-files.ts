import { readdir } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { CausewayError } from '@causeway/contract';
import { notReadable } from './not-readable.ts';
import { allowedCandidates, resolveSourcePath } from './source-path.ts';
import { expressionOf, hasWildcards } from './wildcards.ts';

/** More files than this are more likely a pattern gone wrong than a dataset. */
const maximumFiles = 10_000;

/**
 * The files that a path names: the one of that very name, or all that fit it as a pattern
 * (`*` and `?` within one segment, never a dot at its start), in the order of their names.
 * Each must lie where sources may come from, see {@link resolveSourcePath}.
 *
 * @throws CausewayError `source_not_allowed`; `source_not_readable` when there is none.
 */
export async function findSourceFiles(
  path: string,
  sourceDirs: readonly string[],
): Promise<{ readonly path: string; readonly files: readonly string[] }> {
  try {
    const file = await resolveSourcePath(path, sourceDirs);
    return { path: file, files: [file] };
  } catch (error) {
    if (!hasWildcards(path) || !CausewayError.is(error, 'source_not_readable')) throw error;
  }
  for (const candidate of allowedCandidates(path, sourceDirs)) {
    const found = await expand(candidate);
    if (found.length > maximumFiles)
      throw notReadable(path, `it fits more than ${maximumFiles} files`);
    if (found.length === 0) continue;
    const files: string[] = [];
    for (const file of found) files.push(await resolveSourcePath(file, sourceDirs));
    return { path: candidate, files };
  }
  throw notReadable(path, 'no file fits it');
}

/** In the order of UTF-8, as S3 lists keys. */
async function expand(pattern: string): Promise<string[]> {
  const [root, ...segments] = pattern.split(sep);
  let found = [isAbsolute(pattern) ? sep : (root ?? '')];
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    const next: string[] = [];
    for (const folder of found) next.push(...(await fitting(folder, segment, isLast)));
    found = next;
    if (found.length > maximumFiles) break;
  }
  return found.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

async function fitting(folder: string, segment: string, isLast: boolean): Promise<string[]> {
  if (!hasWildcards(segment)) return [join(folder, segment)];
  const fits = toRegExp(segment);
  // A folder that is not there, or not ours to read, has no files for us.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => fits.test(entry.name) && !(isLast && entry.isDirectory()))
    .map((entry) => join(folder, entry.name));
}

function toRegExp(segment: string): RegExp {
  const start = segment.startsWith('.') ? '' : '(?!\\.)';
  return new RegExp(`^${start}${expressionOf(segment)}$`, 'su');
}
