import type { EngineLimits, SplitRequest } from '../protocol.ts';
import { sourceName } from '../protocol.ts';
import { quoteLiteral } from './sql.ts';

/**
 * How a split is kept within its memory: each output collects a row group of its own
 * before it writes, so the more outputs, the smaller the groups.
 */
export interface PartitionPlan {
  readonly settings: readonly string[];
  readonly rowGroupRows: number;
}

/** DuckDB handles rows by the vector; its default row group is 60 of them. */
const vectorRows = 2048;
const maximumRowGroupRows = 60 * vectorRows;

/** DuckDB's default. Below it, handing over more often costs processor time. */
const maximumFlushRows = 256 * vectorRows;

export async function planPartitions(
  rows: (sql: string) => Promise<Record<string, unknown>[]>,
  partitions: SplitRequest,
  limits: EngineLimits,
): Promise<PartitionPlan> {
  const rowBytes = await estimateRowBytes(rows);
  const limitRows = (limits.memoryLimitMb * 1024 * 1024) / rowBytes;
  const outputs = partitions.values.length;
  // Groups are half full on average: all of them take about half of the limit.
  const rowGroupRows = wholeVectors(limitRows / outputs, maximumRowGroupRows);
  const flushRows = wholeVectors(limitRows / 4 / limits.threads, maximumFlushRows);
  return {
    rowGroupRows,
    settings: [
      // An output closed for want of a handle would be reopened as a second file.
      `SET partitioned_write_max_open_files = ${outputs + 1}`,
      `SET partitioned_write_flush_threshold = ${flushRows}`,
    ],
  };
}

function wholeVectors(rows: number, maximum: number): number {
  const whole = Math.floor(rows / vectorRows) * vectorRows;
  return Math.max(vectorRows, Math.min(maximum, whole));
}

/** What a row takes in memory: a fixed part for each value, and its content, which Parquet packs to a quarter or so. */
async function estimateRowBytes(
  rows: (sql: string) => Promise<Record<string, unknown>[]>,
): Promise<number> {
  const name = quoteLiteral(sourceName);
  const [file] = await rows(`SELECT num_rows, file_size_bytes FROM parquet_file_metadata(${name})`);
  const [leaves] = await rows(
    `SELECT count(*) AS n FROM parquet_schema(${name}) WHERE coalesce(num_children, 0) = 0`,
  );
  const contentBytes = Number(file?.['file_size_bytes']) / Math.max(1, Number(file?.['num_rows']));
  return 16 * Number(leaves?.['n']) + 4 * contentBytes;
}
