import type { Dataset } from '@causeway/contract';
import type { Records } from '@causeway/store';
import type { Sources } from '../sources/source-kind.ts';

export interface VersionDeps {
  readonly store: Pick<Records, 'pushedRecords'>;
  readonly sources: Pick<Sources, 'version'>;
}

/**
 * The version of a dataset's rows, see `Sources.version`. Pushed records have one that their
 * source alone does not tell: how far they go.
 */
export async function versionOf(
  { id, source, createdAt }: Pick<Dataset, 'id' | 'source' | 'createdAt'>,
  { store, sources }: VersionDeps,
  signal?: AbortSignal,
): Promise<string | null> {
  if (source.type !== 'push') return sources.version(source, signal);
  return (await store.pushedRecords.end(id)) ?? createdAt;
}
