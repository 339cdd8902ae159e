import type { Source } from '@causeway/contract';
import { type EndpointRules, endpointRules } from '@causeway/objectstore';
import type { Configuration } from '../configuration.ts';
import type { Platform } from '../platform.ts';
import { type BucketAccess, bucketFiles } from './bucket-files.ts';
import { fetchedSources } from './fetched-sources.ts';
import { fileSources } from './file-sources.ts';
import { httpFiles } from './http-files.ts';
import { postgresSources } from './postgres/postgres-sources.ts';
import { pushSources } from './push-sources.ts';
import type { SourceKind, Sources } from './source-kind.ts';
import { sqlSources } from './sql-sources.ts';

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
