import type { Engine } from '@causeway/engine';
import { resolveSourcePath } from './source-path.ts';

/**
 * An engine that reads nothing outside the folders that sources may come from: a
 * dataset may be older than the list of folders, and a link may lead elsewhere than
 * it did when the dataset was made.
 */
export function guardSources(engine: Engine, sourceDirs: readonly string[]): Engine {
  return {
    describe: async (source, signal) => {
      const path = await resolveSourcePath(source.path, sourceDirs);
      return engine.describe({ ...source, path }, signal);
    },
    unload: async (job, consume, signal) => {
      const path = await resolveSourcePath(job.source.path, sourceDirs);
      return engine.unload({ ...job, source: { ...job.source, path } }, consume, signal);
    },
  };
}
