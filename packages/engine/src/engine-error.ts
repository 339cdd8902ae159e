import { CausewayError, saysDiskIsFull } from '@causeway/contract';
import { notReadable } from './source-file.ts';
import { ChildFailure } from './start-child.ts';
import { temporaryFiles } from './work-folder.ts';

interface JobPlace {
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly label: string }[];
}

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
      return saysDiskIsFull(failure.reason)
        ? new CausewayError('disk_full', { what: temporaryFiles })
        : new CausewayError('engine_failed', { reason: redactPaths(failure.reason, place) });
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
