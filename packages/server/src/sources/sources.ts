import type { Column, Source } from '@causeway/contract';
import type { OpenSource } from '@causeway/delivery';
import { type EndpointRules, endpointRules } from '@causeway/objectstore';
import type { Configuration } from '../configuration.ts';
import type { Platform } from '../platform.ts';
import { type BucketAccess, bucketFiles } from './bucket-files.ts';
import { fetchedSources } from './fetched-sources.ts';
import { fileSources } from './file-sources.ts';
import { httpFiles } from './http-files.ts';
import { postgresSources } from './postgres/postgres-sources.ts';
import { pushSources } from './push-sources.ts';
import { sqlSources } from './sql-sources.ts';

/** Where the rows of datasets are read from, whatever the kind. */
export interface Sources {
  /**
   * A source as it is kept with its dataset: what was left out is found out now, and
   * never guessed again.
   *
   * @throws CausewayError `invalid_request`; as {@link open} does.
   */
  settle(source: Source, signal?: AbortSignal): Promise<Source>;
  /**
   * The version of a source: the time of its last change in ISO 8601, of which the
   * fraction of a second may be a fingerprint. Null when nobody can tell.
   *
   * @throws CausewayError as {@link open} does.
   */
  version(source: Source, signal?: AbortSignal): Promise<string | null>;
  /**
   * Opens a source to be read, with the types of the columns that its dataset has.
   *
   * @throws CausewayError `source_not_allowed`, `source_not_readable`, `postgres_not_readable`.
   */
  open(dataset: SourceOfDataset, signal?: AbortSignal): Promise<OpenSource>;
}

/** What reading a source needs of its dataset. */
export interface SourceOfDataset {
  readonly source: Source;
  /** Known columns. Empty while the dataset is being made. */
  readonly schema: readonly Column[];
  /** Not while the dataset is being made. */
  readonly id?: string;
}

/** {@link Sources}, for sources of one kind. */
export interface SourceKind<S extends Source> {
  settle(source: S, signal: AbortSignal | undefined): Promise<S>;
  version(source: S, signal: AbortSignal | undefined): Promise<string | null>;
  open(
    dataset: SourceOfDataset & { readonly source: S },
    signal: AbortSignal | undefined,
  ): Promise<OpenSource>;
}

type SourceKinds = { readonly [T in Source['type']]: SourceKind<Extract<Source, { type: T }>> };

/** What sources stand on. */
export interface SourcesDeps {
  readonly engine: Pick<Platform['engine'], 'sniffCsv' | 'makeFolder'>;
  readonly datasets: Pick<Platform['store']['datasets'], 'get'>;
  readonly pushedRecords: Pick<Platform['store']['pushedRecords'], 'end' | 'read'>;
  readonly secrets: Pick<Platform['secrets'], 'read'>;
  /** Absolute. */
  readonly sourceDirs: readonly string[];
  readonly endpoints: EndpointRules;
  /** @throws CausewayError `operator_account_missing`. */
  readonly bucketAccess: () => BucketAccess;
  /** What may be fetched for one source. */
  readonly limitBytes: number;
  readonly retryDelayMs: number;
}

/** The sources of this process, as it is configured. */
export function sourcesOf(
  { engine, store, operator, secrets }: Pick<Platform, 'engine' | 'store' | 'operator' | 'secrets'>,
  configuration: Pick<Configuration, 'sourceDirs' | 'downloadLimitMb' | 'allowedEndpoints' | 'aws'>,
): Sources {
  const { sourceDirs, downloadLimitMb, allowedEndpoints, aws } = configuration;
  return openSources({
    engine,
    datasets: store.datasets,
    pushedRecords: store.pushedRecords,
    secrets,
    sourceDirs,
    endpoints: endpointRules(allowedEndpoints),
    bucketAccess: () => ({
      credentials: operator.credentials,
      accountId: operator.accountId,
      region: aws.region,
      ...(aws.endpoint !== null && { endpoint: aws.endpoint }),
    }),
    limitBytes: downloadLimitMb * 1024 * 1024,
    retryDelayMs: 500,
  });
}

export function openSources(deps: SourcesDeps): Sources {
  const { engine, datasets, sourceDirs, endpoints, bucketAccess } = deps;
  const kindOf = ({ type }: Source) => kinds[type] as SourceKind<Source>;
  const sources: Sources = {
    settle: (source, signal) => kindOf(source).settle(source, signal),
    version: (source, signal) => kindOf(source).version(source, signal),
    open: (dataset, signal) => kindOf(dataset.source).open(dataset, signal),
  };
  const kinds: SourceKinds = {
    file: fileSources({ engine, sourceDirs }),
    http: fetchedSources(
      (source, signal) => httpFiles(source, endpoints, signal),
      ({ url }) => new URL(url).pathname,
      deps,
    ),
    bucket: fetchedSources(
      (source, signal) => bucketFiles(source, bucketAccess(), signal),
      ({ location }) => location,
      deps,
    ),
    postgres: postgresSources(deps.secrets),
    push: pushSources(deps.pushedRecords),
    sql: sqlSources({ datasets, sources }),
  };
  return sources;
}
