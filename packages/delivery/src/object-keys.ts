import {
  type Compression,
  type DeliveryTerms,
  type Format,
  fillTemplate,
  type KeyPlaceholder,
  lastingPart,
} from '@causeway/contract';

/**
 * Where a delivery's objects lie. Others read these keys: the usual layout is fixed
 * (design, section 5).
 *
 *     <prefix><dataset>/dt=<YYYY-MM-DD>/<runId>_<00000>.<ext>
 *     <prefix>_manifests/<dataset>/dt=<YYYY-MM-DD>/tombstones_<runId>_<00000>.<ext>
 *     <prefix>_manifests/<dataset>/dt=<YYYY-MM-DD>/manifest_<runId>.json
 *
 * A template changes what follows the prefix in the first.
 */
export interface RunKeys extends DataPlace {
  readonly runId: string;
  /** The run's day in UTC. */
  readonly createdAt: Date;
}

/** What is the same for all runs of a delivery to a customer. */
export interface DataPlace {
  /** Ends in `/` unless empty. */
  readonly prefix: string;
  readonly dataset: string;
  readonly customer: string;
  readonly deliveryId: string;
  readonly keyTemplate: string;
}

/** A file of a run. */
export interface FileOfRun {
  readonly index: number;
  readonly extension: string;
  /** As of `partitionPath`; without partitions it is not looked at. */
  readonly partition: string;
  /** Of the one record that it holds, where each is a file. */
  readonly position?: string | undefined;
}

export function dataKey(run: RunKeys, file: FileOfRun): string {
  const time = run.createdAt.toISOString();
  const values: Record<KeyPlaceholder, string> = {
    ...lastingValues(run),
    date: utcDay(run.createdAt),
    year: time.slice(0, 4),
    month: time.slice(5, 7),
    day: time.slice(8, 10),
    hour: time.slice(11, 13),
    partition: file.partition,
    runId: run.runId,
    index: String(file.index).padStart(5, '0'),
    position: file.position?.padStart(12, '0') ?? '',
    ext: file.extension,
  };
  return run.prefix + fillTemplate(run.keyTemplate, (name) => values[name]);
}

/**
 * With the manifests, where nobody reads rows: what reads a folder of files, as Athena does,
 * passes over names that begin with an underscore.
 */
export function tombstonesKey(run: RunKeys, { index, extension }: FileOfRun): string {
  const number = String(index).padStart(5, '0');
  const name = `${tombstonesStart}${run.runId}_${number}.${extension}`;
  return `${manifestPrefix(run)}dt=${utcDay(run.createdAt)}/${name}`;
}

const tombstonesStart = 'tombstones_';

export function isTombstonesKey(key: string): boolean {
  return key.split('/').at(-1)?.startsWith(tombstonesStart) ?? false;
}

export function manifestKey(
  run: Pick<RunKeys, 'prefix' | 'dataset' | 'runId' | 'createdAt'>,
): string {
  return `${manifestPrefix(run)}dt=${utcDay(run.createdAt)}/manifest_${run.runId}.json`;
}

/** Every file of any run lies under this: as far as the template is the same for all. */
export function dataPrefix(place: DataPlace): string {
  const values = lastingValues(place);
  const lasting = lastingPart(place.keyTemplate);
  return place.prefix + fillTemplate(lasting, (name) => values[name as keyof typeof values]);
}

function lastingValues({ dataset, customer, deliveryId }: DataPlace) {
  return { dataset, customer, delivery: deliveryId };
}

export function manifestPrefix(run: Pick<RunKeys, 'prefix' | 'dataset'>): string {
  return `${run.prefix}_manifests/${run.dataset}/`;
}

/** The parts of a manifest's key, or null if it is none. */
export function parseManifestKey(
  key: string,
): { prefix: string; dataset: string; runId: string } | null {
  const match = /^(.*?)_manifests\/([^/]+)\/dt=\d{4}-\d{2}-\d{2}\/manifest_([^/]+)\.json$/.exec(
    key,
  );
  if (!match) return null;
  const [, prefix = '', dataset = '', runId = ''] = match;
  return { prefix, dataset, runId };
}

/** What the format is called in a key: Parquet compresses inside, so its name does not change. */
export function fileExtension({ format, compression }: FileForm): string {
  return format === 'parquet' ? format : `${format}${compressedSuffix[compression]}`;
}

export function contentType({ format, compression }: FileForm): string {
  if (format !== 'parquet' && compression !== 'none') return `application/${compression}`;
  return contentTypes[format];
}

type FileForm = Pick<DeliveryTerms, 'format' | 'compression'>;

const compressedSuffix: Record<Compression, string> = {
  gzip: '.gz',
  zstd: '.zst',
  snappy: '.snappy',
  none: '',
};

const contentTypes: Record<Format, string> = {
  parquet: 'application/vnd.apache.parquet',
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson',
  json: 'application/json',
};

function utcDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}
