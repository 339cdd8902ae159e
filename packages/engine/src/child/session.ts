import { mkdirSync } from 'node:fs';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import {
  deliveredName,
  inspectedName,
  type Job,
  type JobRequest,
  knownRowsName,
  outputFolder,
  outputsOf,
  partitionsOf,
  spillFolder,
} from '../protocol.ts';
import { type PartitionPlan, planPartitions } from './partition-plan.ts';
import { quoteLiteral } from './sql.ts';

/** One locked-down in-memory database, and the few ways we use it. */
export interface Session {
  readonly connection: DuckDBConnection;
  /** All rows, each as an object of plain values. */
  rows(sql: string, values?: DuckDBValue[]): Promise<Record<string, DuckDBValue>[]>;
  /** For a split into partitions. */
  readonly partitionPlan: PartitionPlan | null;
  /** Gives back its memory and files. */
  close(): void;
}

/**
 * Opens DuckDB so that it reads the job's files, writes to the output folder and its
 * spill, and does nothing else: no other file, no network, no extension, no setting.
 *
 * @throws JobError `file_not_readable`.
 */
export async function openSession(request: Omit<JobRequest, 'mayFollow'>): Promise<Session> {
  const { job, limits } = request;
  mkdirSync(spillFolder);
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${limits.memoryLimitMb}MiB`,
    threads: String(limits.threads),
    temp_directory: spillFolder,
    max_temp_directory_size: `${limits.spillLimitMb}MiB`,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // Half the memory at the same speed; a manifest promises rows, not their order.
    preserve_insertion_order: 'false',
    // A block of 4 KiB for each head of a page of Parquet, 90 MB in a hundred million rows: none is read twice.
    enable_external_file_cache: 'false',
  });
  const connection = await instance.connect();
  const rows: Session['rows'] = async (sql, values) =>
    (await connection.runAndReadAll(sql, values)).getRowObjects();

  for (const restriction of restrictions(job)) await connection.run(restriction);
  const partitions = partitionCount(job);
  const partitionPlan =
    partitions > 0 && 'source' in job
      ? await planPartitions(rows, job.source, partitions, limits)
      : null;
  for (const setting of partitionPlan?.settings ?? []) await connection.run(setting);
  await connection.run('SET lock_configuration = true');
  const close = () => {
    connection.closeSync();
    instance.closeSync();
  };
  return { connection, rows, partitionPlan, close };
}

/** How many files a job writes side by side in one query; 0: it splits nothing. */
function partitionCount(job: Job): number {
  if (job.type === 'spill') return Math.max(...job.buckets) + 1;
  const split = job.type === 'unload' ? partitionsOf(job.split) : null;
  return split ? outputsOf(split) : 0;
}

/** In this order: nothing more can be allowed once access is off. */
function restrictions(job: Job): string[] {
  return [
    `SET TimeZone = 'UTC'`,
    `SET allowed_paths = [${readableNames(job).map(quoteLiteral).join(', ')}]`,
    `SET allowed_directories = [${quoteLiteral(outputFolder)}]`,
    'SET enable_external_access = false',
  ];
}

function readableNames(job: Job): string[] {
  if (job.type === 'inspect') return [inspectedName];
  const known = 'known' in job && job.known !== null ? [knownRowsName] : [];
  const names = job.source.inputs.flatMap(({ files }) => files.map(({ name }) => name));
  if (job.type !== 'compare') return [...names, ...known];
  const delivered = Array.from({ length: job.files }, (_, i) => deliveredName(i, job.format));
  return [...names, ...delivered];
}
