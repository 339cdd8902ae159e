import { stat } from 'node:fs/promises';
import type { FileSource } from '@causeway/contract';
import type { Engine } from '@causeway/engine';
import { inputOf, settleForm } from './file-form.ts';
import { resolveSourcePath } from './source-path.ts';
import type { SourceKind } from './sources.ts';

export interface FileSourcesDeps {
  readonly engine: Pick<Engine, 'sniffCsv'>;
  /** Absolute. */
  readonly sourceDirs: readonly string[];
}

/**
 * Files on disk, in the folders that sources may come from. That is looked at each time:
 * a dataset may be older than the list of folders, and a link may lead elsewhere than it
 * did when the dataset was made.
 */
export function fileSources({ engine, sourceDirs }: FileSourcesDeps): SourceKind<FileSource> {
  const find = ({ path }: FileSource) => resolveSourcePath(path, sourceDirs);
  return {
    async settle(source, signal) {
      const path = await find(source);
      return settleForm({ ...source, path }, path, [{ path }], engine, signal);
    },
    async version(source) {
      return versionOf(await find(source));
    },
    async open({ source, schema }) {
      const path = await find(source);
      return {
        source: { inputs: [inputOf({ source, schema }, [{ path }])] },
        version: await versionOf(path),
        close: async () => {},
      };
    },
  };
}

async function versionOf(path: string): Promise<string> {
  return (await stat(path)).mtime.toISOString();
}
