import { CausewayError } from '@causeway/contract';
import { notReadable } from './source-file.ts';
import { ChildFailure } from './start-child.ts';
import { temporaryFiles } from './work-folder.ts';

interface JobPlace {
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly label: string }[];
  /** What a job may write. */
  readonly spillLimitMb: number;
}

/** As DuckDB says of a file, or Node: a value that is quoted may hold the same words. */
const fullDisk =
  /^IO Error: Could not .*: (?:No space left on device|Disk quota exceeded)|^(?:ENOSPC|EDQUOT): /s;

/** What a caller can act on, of what a child reported; anything else as it is. */
export function toCausewayError(error: unknown, place: JobPlace): unknown {
  if (!(error instanceof ChildFailure)) return error;
  const { failure } = error;
  switch (failure.code) {
    case 'file_not_readable': {
      const label = place.files.find((file) => file.name === failure.name)?.label ?? failure.name;
      return notReadable(label, redactPaths(failure.reason, place));
    }
    case 'engine_failed':
      return (
        diskFull(failure.reason, place) ??
        new CausewayError('engine_failed', { reason: redactPaths(failure.reason, place) })
      );
    case 'query_not_usable':
      return new CausewayError('query_not_usable', { reason: redactPaths(failure.reason, place) });
    case 'column_not_found':
      return new CausewayError('column_not_found', failure.details);
    case 'schema_changed':
      return new CausewayError('schema_changed', failure.details);
    case 'filter_not_usable':
      return new CausewayError('filter_not_usable', failure.details);
    case 'cursor_not_usable':
      return new CausewayError('cursor_not_usable', failure.details);
  }
}

/** DuckDB takes no more disk for what it sorts or joins than it finds free, or than it was given. */
const noRoomLeft = /^Out of Memory Error: failed to offload .*\/([\d.]+) ([KMGT])iB used\)/;
const mebibytes = { K: 1 / 1024, M: 1, G: 1024, T: 1024 ** 2 } as const;

function diskFull(reason: string, { spillLimitMb }: JobPlace): CausewayError | null {
  const what = temporaryFiles;
  if (fullDisk.test(reason)) return new CausewayError('disk_full', { what });
  const [, taken, unit] = noRoomLeft.exec(reason) ?? [];
  if (taken === undefined) return null;
  const takenMb = Number(taken) * mebibytes[unit as keyof typeof mebibytes];
  // It is told to one digit.
  const isOurs = takenMb > spillLimitMb * 0.99;
  return new CausewayError('disk_full', { what, ...(isOurs && { limitMb: spillLimitMb }) });
}

/** Gives the job's files their own names back, and hides every other place on this machine. */
function redactPaths(reason: string, place: JobPlace): string {
  const words = reason
    .replaceAll(`${place.folder}/`, '')
    .replace(/(?<=^|[\s"'(=])\/[^\s"'),]+/g, '<path>');
  const byName = new Map(place.files.map((file) => [file.name, file.label]));
  return words.replace(/["']([^"']+)["']/g, (quoted, name: string) => {
    const label = byName.get(name);
    return label === undefined ? quoted : `"${label}"`;
  });
}
