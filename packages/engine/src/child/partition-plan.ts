import type { EngineLimits, InputRequest, SourceRequest } from '../protocol.ts';
import { readingFile } from './job-error.ts';
import { quoteList, quoteLiteral } from './sql.ts';

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
  source: SourceRequest,
  outputs: number,
  limits: EngineLimits,
): Promise<PartitionPlan> {
  const rowBytes = await estimateRowBytes(rows, source);
  const limitRows = (limits.memoryLimitMb * 1024 * 1024) / rowBytes;
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

/** Where nothing tells it, as of text that has not been read yet: a wide row. */
const unknownRowBytes = 1024;

function estimateRowBytes(
  rows: (sql: string) => Promise<Record<string, unknown>[]>,
  { inputs, query }: SourceRequest,
): Promise<number> {
  const [input] = inputs;
  if (query !== null || input?.format !== 'parquet') return Promise.resolve(unknownRowBytes);
  return readingFile(input.files[0]?.name ?? '', () => estimateParquetRow(rows, input));
}

/** What a row takes in memory: a fixed part for each value, and its content, which Parquet packs to a quarter or so. */
async function estimateParquetRow(
  rows: (sql: string) => Promise<Record<string, unknown>[]>,
  { files }: InputRequest,
): Promise<number> {
  const names = files.map(({ name }) => name);
  const [total] = await rows(
    `SELECT sum(num_rows) AS rows, sum(file_size_bytes) AS bytes FROM parquet_file_metadata(${quoteList(names)})`,
  );
  const [leaves] = await rows(
    `SELECT count(*) AS n FROM parquet_schema(${quoteLiteral(names[0] ?? '')}) WHERE coalesce(num_children, 0) = 0`,
  );
  const contentBytes = Number(total?.['bytes']) / Math.max(1, Number(total?.['rows']));
  return 16 * Number(leaves?.['n']) + 4 * contentBytes;
}
