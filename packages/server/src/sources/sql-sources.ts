import { CausewayError, type Dataset, type SqlSource } from '@causeway/contract';
import type { OpenSource } from '@causeway/delivery';
import type { SourceKind, Sources } from './source-kind.ts';
import { fingerprintVersion, newestOf } from './source-version.ts';

export interface SqlSourcesDeps {
  readonly datasets: { get(id: string): Promise<Dataset> };
  readonly sources: Pick<Sources, 'version' | 'open'>;
}

/**
 * A query over other datasets, each as it is at that moment. The engine lets it read
 * these and nothing else; see `checkQuery` there.
 */
export function sqlSources({ datasets, sources }: SqlSourcesDeps): SourceKind<SqlSource> {
  const load = async (source: SqlSource) => {
    const named = Object.entries(source.datasets).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Promise.all(
      named.map(async ([name, id]) => ({ name, dataset: await datasets.get(id) })),
    );
  };
  return {
    async settle(source) {
      for (const { name, dataset } of await load(source)) {
        if (dataset.source.type !== 'sql') continue;
        const message = `is dataset "${dataset.name}", which is a query itself: name those that it reads`;
        const issues = [{ path: `source.datasets.${name}`, message }];
        throw new CausewayError('invalid_request', { issues });
      }
      return source;
    },
    async version(source, signal) {
      const inputs = await load(source);
      const versions = inputs.map(({ dataset }) => sources.version(dataset.source, signal));
      return versionOf(source, await Promise.all(versions));
    },
    async open({ source }, signal) {
      const opened: OpenSource[] = [];
      const close = async () => {
        for (const each of opened) await each.close();
      };
      try {
        const inputs = [];
        for (const { name, dataset } of await load(source)) {
          const one = await sources.open(dataset, signal);
          opened.push(one);
          inputs.push(...one.source.inputs.map((input) => ({ ...input, name })));
        }
        const version = versionOf(
          source,
          opened.map((each) => each.version),
        );
        return { source: { inputs, query: source.query }, version, close };
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

/** The newest of its datasets'; another text is another version too. */
function versionOf({ query }: SqlSource, versions: readonly (string | null)[]): string | null {
  const known = versions.filter((version) => version !== null);
  if (known.length < versions.length) return null;
  return fingerprintVersion(newestOf(known.map((version) => new Date(version))), [query, ...known]);
}
