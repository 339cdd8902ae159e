import { mkdirSync } from 'node:fs';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import {
  deliveredName,
  type Job,
  type JobRequest,
  outputFolder,
  partitionsOf,
  sourceName,
  spillFolder,
} from '../protocol.ts';
import { quoteLiteral } from './sql.ts';

/** One locked-down in-memory database, and the few ways we use it. */
export interface Session {
  readonly connection: DuckDBConnection;
  /** All rows, each as an object of plain values. */
  rows(sql: string, values?: DuckDBValue[]): Promise<Record<string, DuckDBValue>[]>;
}

/**
 * Opens DuckDB so that it reads the job's files, writes to the output folder and its
 * spill, and does nothing else: no other file, no network, no extension, no setting.
 */
export async function openSession(request: JobRequest): Promise<Session> {
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
  });
  const connection = await instance.connect();
  for (const setting of lockDown(job)) await connection.run(setting);
  return {
    connection,
    rows: async (sql, values) => (await connection.runAndReadAll(sql, values)).getRowObjects(),
  };
}

/** In this order: paths cannot be allowed once access is off, nothing can be set once locked. */
function lockDown(job: Job): string[] {
  const readable = readableNames(job).map(quoteLiteral).join(', ');
  return [
    `SET TimeZone = 'UTC'`,
    ...partitionSettings(job),
    `SET allowed_paths = [${readable}]`,
    `SET allowed_directories = [${quoteLiteral(outputFolder)}]`,
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ];
}

function readableNames(job: Job): string[] {
  if (job.type !== 'compare') return [sourceName];
  return [
    sourceName,
    ...Array.from({ length: job.files }, (_, index) => deliveredName(index, job.format)),
  ];
}

/** Rows that a thread collects before it hands them to the outputs' writers. */
const flushThresholdRows = 524_288;

function partitionSettings(job: Job): string[] {
  const partitions = job.type === 'unload' ? partitionsOf(job.split) : null;
  if (partitions === null) return [];
  return [
    // An output closed for want of a handle would be reopened as a second file.
    `SET partitioned_write_max_open_files = ${partitions.values.length + 1}`,
    `SET partitioned_write_flush_threshold = ${flushThresholdRows}`,
  ];
}
