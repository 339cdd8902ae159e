import type { Compression, DeliveryTerms, Format } from '@causeway/contract';

/**
 * Where a delivery's objects lie. Others read these keys: the layout is fixed
 * (design, section 5).
 *
 *     <prefix><dataset>/dt=<YYYY-MM-DD>/<runId>_<00000>.<ext>
 *     <prefix>_manifests/<dataset>/dt=<YYYY-MM-DD>/manifest_<runId>.json
 */
export interface RunKeys {
  /** Ends in `/` unless empty. */
  readonly prefix: string;
  readonly dataset: string;
  readonly runId: string;
  /** The run's day in UTC. */
  readonly createdAt: Date;
}

export function dataKey(run: RunKeys, fileIndex: number, extension: string): string {
  const number = String(fileIndex).padStart(5, '0');
  return `${dataPrefix(run)}dt=${utcDay(run.createdAt)}/${run.runId}_${number}.${extension}`;
}

export function manifestKey(run: RunKeys): string {
  return `${manifestPrefix(run)}dt=${utcDay(run.createdAt)}/manifest_${run.runId}.json`;
}

/** Everything that a run may write lies under these two. */
export function dataPrefix(run: Pick<RunKeys, 'prefix' | 'dataset'>): string {
  return `${run.prefix}${run.dataset}/`;
}

export function manifestPrefix(run: Pick<RunKeys, 'prefix' | 'dataset'>): string {
  return `${run.prefix}_manifests/${run.dataset}/`;
}

/** The parts of a manifest's key, or null if it is none. */
export function parseManifestKey(key: string): { prefix: string; dataset: string } | null {
  const match = /^(.*?)_manifests\/([^/]+)\/dt=\d{4}-\d{2}-\d{2}\/manifest_[^/]+\.json$/.exec(key);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  return { prefix: match[1], dataset: match[2] };
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
