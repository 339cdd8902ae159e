import { stat } from 'node:fs/promises';
import type { FileSource } from '@causeway/contract';
import type { Engine } from '@causeway/engine';
import { inputOf, settleForm } from './file-form.ts';
import { findSourceFiles } from './source-files.ts';
import type { SourceKind } from './source-kind.ts';
import { fingerprintVersion, newestOf } from './source-version.ts';

export interface FileSourcesDeps {
  readonly engine: Pick<Engine, 'sniffCsv'>;
  /** Absolute. */
  readonly sourceDirs: readonly string[];
}

/**
 * Files on disk, in the folders that sources may come from. That is looked at each time:
 * a dataset may be older than the list of folders, and a link may lead elsewhere than it
 * did when the dataset was made. A pattern is expanded each time too.
 */
export function fileSources({ engine, sourceDirs }: FileSourcesDeps): SourceKind<FileSource> {
  const find = (source: FileSource) => findSourceFiles(source.path, sourceDirs);
  return {
    async settle(source, signal) {
      const { path, files } = await find(source);
      const inputs = files.map((file) => ({ path: file }));
      return settleForm({ ...source, path }, path, inputs, engine, signal);
    },
    async version(source) {
      return versionOf((await find(source)).files);
    },
    async open({ source, schema }) {
      const { files } = await find(source);
      // Before anything is read: a change after it is not taken for the same version.
      const version = await versionOf(files);
      const inputs = files.map((path) => ({ path }));
      return {
        source: { inputs: [inputOf({ source, schema }, inputs)] },
        version,
        close: async () => {},
      };
    },
  };
}

/** Of one file, when it was changed, to the millisecond. */
async function versionOf(paths: readonly string[]): Promise<string> {
  const found = await Promise.all(paths.map((path) => stat(path, { bigint: true })));
  const [first] = found;
  if (found.length === 1 && first) return first.mtime.toISOString();
  const facts = found.flatMap(({ size, mtimeNs }, index) => [paths[index] ?? '', size, mtimeNs]);
  return fingerprintVersion(newestOf(found.map(({ mtime }) => mtime)), facts);
}
