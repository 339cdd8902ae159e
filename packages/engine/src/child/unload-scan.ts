import type { Column, CsvForm } from '@causeway/contract';
import {
  isRotated,
  type OutputCount,
  outputName,
  partitionFolder,
  partitionsOf,
  rotatedName,
  rotationFolder,
  type ScanCounts,
  type UnloadScanJob,
} from '../protocol.ts';
import { heldColumns } from './held-columns.ts';
import { loadKnownRows } from './known-rows.ts';
import { loadWanted } from './load-wanted.ts';
import type { Session } from './session.ts';
import { sourceFailure } from './source-failure.ts';
import { chosenColumns, selectRows } from './source-rows.ts';
import { openSourceTable } from './source-table.ts';
import { quoteIdentifier, quoteLiteral } from './sql.ts';

/**
 * Writes the rows of the source into the FIFOs that the parent reads.
 *
 * `ready` is called when all that can be checked beforehand is right.
 *
 * @throws JobError `file_not_readable`, `column_not_found`, `cursor_not_usable`, `filter_not_usable`,
 * `schema_changed`.
 */
export async function unloadScan(
  session: Session,
  job: UnloadScanJob,
  ready: (schema: readonly Column[]) => void,
): Promise<ScanCounts> {
  const source = await openSourceTable(session, job.source, 'read');
  const columns = heldColumns(source, job);
  const query = selectRows({ ...job, columns }, source);
  const partitions = partitionsOf(job.split);
  if (partitions) await loadWanted(session, partitions);
  if (job.known) await loadKnownRows(session);
  ready(chosenColumns(source, { columns }));
  if (job.split?.values.length === 0) return { rows: 0, outputs: [] };
  try {
    const answer = await session.rows(
      `COPY (${query.sql}) TO ${target(session, job)}`,
      query.values,
    );
    if (job.format === 'parquet') return countParquet(answer, job);
    return { rows: Number(answer[0]?.['Count']), outputs: null };
  } catch (error) {
    throw sourceFailure(error, job.source);
  }
}

function target(session: Session, job: UnloadScanJob): string {
  const { name, options } = place(job);
  return `${quoteLiteral(name)} (${[...formatOptions(session, job), ...options].join(', ')})`;
}

function place(job: UnloadScanJob): { name: string; options: string[] } {
  const partitions = partitionsOf(job.split);
  // Of several files, the folder must be empty otherwise; ours holds the FIFOs.
  const intoFolder = 'OVERWRITE_OR_IGNORE true';
  if (partitions) {
    const column = `PARTITION_BY (${quoteIdentifier(partitions.indexColumn)})`;
    const extension = `FILE_EXTENSION ${quoteLiteral(job.format)}`;
    return { name: partitionFolder, options: [column, intoFolder, extension] };
  }
  const noEmptyFile = 'WRITE_EMPTY_FILE false';
  if (!isRotated(job)) {
    return { name: outputName(0, job.format, null), options: ['USE_TMP_FILE false', noEmptyFile] };
  }
  const size = `FILE_SIZE_BYTES ${job.targetFileBytes}`;
  return { name: rotationFolder, options: [size, intoFolder, noEmptyFile] };
}

function formatOptions(session: Session, job: UnloadScanJob): string[] {
  switch (job.format) {
    case 'parquet':
      return parquetOptions(session, job);
    case 'csv':
      return csvOptions(job.csv);
    case 'jsonl':
    case 'json':
      // FORMAT json knows no partitions. It is itself a CSV of one column that quotes nothing.
      return ['FORMAT csv', 'HEADER false', `QUOTE ''`, `ESCAPE ''`, `DELIMITER '\n'`];
  }
}

function parquetOptions(session: Session, job: UnloadScanJob): string[] {
  const codec = job.compression === 'none' ? 'uncompressed' : job.compression;
  const options = ['FORMAT parquet', `COMPRESSION ${codec}`, 'RETURN_STATS true'];
  const rows = session.partitionPlan?.rowGroupRows;
  return rows === undefined ? options : [...options, `ROW_GROUP_SIZE ${rows}`];
}

/** Without the header: each file has one of its own, and there may be several. */
function csvOptions(csv: CsvForm | null): string[] {
  if (!csv) throw new Error('CSV without its form');
  return [
    'FORMAT csv',
    'HEADER false',
    `DELIMITER ${quoteLiteral(csv.delimiter)}`,
    `QUOTE '"'`,
    `ESCAPE '"'`,
    `NULLSTR ${quoteLiteral(csv.nullText)}`,
    `NEW_LINE ${csv.lineEnd === 'crlf' ? `'\r\n'` : `'\n'`}`,
  ];
}

function countParquet(answer: readonly Record<string, unknown>[], job: UnloadScanJob): ScanCounts {
  const outputs = answer.map((written): OutputCount => {
    const name = String(written['filename']);
    const { index, file } = placeOf(name, job);
    return {
      index,
      file,
      rows: Number(written['count']),
      bytes: Number(written['file_size_bytes']),
    };
  });
  return { rows: outputs.reduce((sum, output) => sum + output.rows, 0), outputs };
}

/** Which file of which output has this name. */
function placeOf(name: string, job: UnloadScanJob): { index: number; file: number } {
  const rotated = isRotated(job);
  const file = rotated ? Number(/_(\d+)\.parquet$/.exec(name)?.[1]) : 0;
  const index = partitionsOf(job.split) ? Number(/=(\d+)\/[^/]+$/.exec(name)?.[1]) : 0;
  const expected = rotated ? rotatedName(file) : outputName(index, job.format, job.split);
  if (name === expected) return { index, file };
  throw new Error(`DuckDB wrote to "${name}", where nobody reads`);
}
