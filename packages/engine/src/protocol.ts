import type {
  Column,
  ColumnType,
  Compression,
  CsvForm,
  CsvOptions,
  ErrorDetails,
  Format,
  RowFilter,
  SourceFormat,
} from '@causeway/contract';
import type { CursorWindow } from './cursor-window.ts';
import type { DeletedRows, KnownRows } from './engine.ts';
import type { InputColumn } from './engine-source.ts';
import type { FileCompression } from './source-file.ts';

/**
 * What the engine and its child process say to each other about a job: one request, at most one
 * `ready`, one `done` or `failed`. All paths are names in the job's folder, which the
 * child makes its working directory.
 */
export interface JobRequest {
  readonly folder: string;
  readonly limits: EngineLimits;
  readonly job: Job;
  /** Whether the process may get another job after this one. */
  readonly mayFollow: boolean;
}

export interface EngineLimits {
  readonly memoryLimitMb: number;
  readonly threads: number;
  /** What a query may write to its temporary folder when memory runs short. */
  readonly spillLimitMb: number;
}

export type Job =
  | DescribeJob
  | SniffCsvJob
  | PartitionsJob
  | UnloadScanJob
  | SpillJob
  | InspectJob
  | CompareJob;

/** A source, with its files and FIFOs under the names they have in the job's folder. */
export interface SourceRequest {
  readonly inputs: readonly InputRequest[];
  readonly query: string | null;
}

export interface InputRequest {
  /** What a query calls it. */
  readonly table: string;
  readonly format: SourceFormat;
  readonly columns: readonly InputColumn[];
  readonly csv: CsvOptions;
  /** Whether its one file is a FIFO, which can be opened and read once. */
  readonly stream: boolean;
  readonly files: readonly RequestedFile[];
}

export interface RequestedFile {
  readonly name: string;
  readonly compression: FileCompression;
}

export interface DescribeJob {
  readonly type: 'describe';
  readonly source: SourceRequest;
}

/** Of the first file of the one input. */
export interface SniffCsvJob {
  readonly type: 'sniffCsv';
  readonly source: SourceRequest;
}

/** Which rows of a source a job is about. */
export interface RowChoice {
  readonly window: CursorWindow | null;
  readonly filter: RowFilter | null;
  readonly deleted: DeletedRows | null;
  /** The rows that are known lie in {@link knownRowsName}. */
  readonly known: KnownRequest | null;
}

export interface KnownRequest extends Pick<KnownRows, 'columns' | 'before'> {
  /** Whether each is known to one output, told by the first column of the split. */
  readonly byOutput: boolean;
}

/** Lines of a fingerprint and, in a split, the value of its output. */
export const knownRowsName = 'known.csv';

/** Which combinations of values some columns have, for each output of a split. */
export interface PartitionsJob extends RowChoice {
  readonly type: 'partitions';
  readonly source: SourceRequest;
  readonly split: SplitRequest | null;
  readonly columns: readonly string[];
  /** How many to find at most. */
  readonly limit: number;
  /** Whether to count all rows of the source too. */
  readonly countAll: boolean;
}

export interface FoundPartitions {
  readonly partitions: FoundPartition[];
  /** All rows of the source, where asked for. */
  readonly sourceRows: number | null;
}

export interface FoundPartition {
  /** Of the output in the split; 0 without one. */
  readonly index: number;
  readonly values: SplitKey;
  readonly rows: number;
}

export interface UnloadScanJob extends RowChoice {
  readonly type: 'unload';
  readonly source: SourceRequest;
  readonly format: Format;
  readonly compression: Compression;
  /** For CSV alone. */
  readonly csv: CsvForm | null;
  /** Parquet that is not split goes on to the next file beyond this; null: there is one. */
  readonly targetFileBytes: number | null;
  /** Those of the source that are sent must be as here; null: they are as they are. */
  readonly schema: readonly ColumnType[] | null;
  /** Whether those that it has besides are sent too. */
  readonly sendsAdded: boolean;
  /** Of the files; null: all. */
  readonly columns: readonly string[] | null;
  /** In place of the columns: what the fingerprint of each row is made of. */
  readonly fingerprint: readonly string[] | null;
  /** Of this column's value and a space is what stands before each line; null: nothing is. */
  readonly rowName: string | null;
  readonly split: SplitRequest | null;
}

/**
 * Sorts the rows of a source into files of this machine, so that what more outputs need than
 * one scan may have is read from there and not from the source again.
 */
export interface SpillJob extends RowChoice {
  readonly type: 'spill';
  readonly source: SourceRequest;
  /** As in {@link UnloadScanJob}, as are the columns. */
  readonly schema: readonly ColumnType[] | null;
  readonly sendsAdded: boolean;
  readonly columns: readonly string[] | null;
  /** One slice of each value. */
  readonly split: SplitRequest;
  /** For each value of the split, the number of the bucket that its rows go to. */
  readonly buckets: readonly number[];
}

export interface SpillResult {
  /** Of the rows as they are to be sent. */
  readonly schema: Column[];
  /** False, and nothing is written, if such files would not give back the very same values. */
  readonly isFaithful: boolean;
}

/** What a group of rows has in common: the text of each of some columns, or NULL. */
export type SplitKey = readonly (string | null)[];

export interface SplitRequest {
  readonly columns: readonly string[];
  /** Of each output: the rows whose columns have just these values, as text. */
  readonly values: readonly SplitKey[];
  /** Over how many outputs, one after the other, the rows with these values are spread. */
  readonly slices: readonly number[];
  /** Carries the output's index through the query; random, so that no source has it. */
  readonly indexColumn: string;
}

/** How to read a file that was delivered. */
export interface FileForm {
  readonly format: Format;
  readonly compression: Compression;
  readonly csv: CsvForm | null;
}

export interface InspectJob extends FileForm {
  readonly type: 'inspect';
}

export interface CompareJob extends FileForm, RowChoice {
  readonly type: 'compare';
  readonly source: SourceRequest;
  /** How many delivered files there are: `deliveredName(0, format)` and on. */
  readonly files: number;
  readonly customer: { readonly column: string; readonly value: string } | null;
  readonly columns: readonly string[] | null;
}

export interface JobResults {
  describe: Column[];
  sniffCsv: CsvOptions;
  partitions: FoundPartitions;
  unload: ScanCounts;
  spill: SpillResult;
  inspect: FileContent;
  compare: RowComparison;
}

/** `outputs` holds those with rows; absent where only the total is known. */
export interface ScanCounts {
  readonly rows: number;
  readonly outputs: readonly OutputCount[] | null;
}

export interface OutputCount {
  readonly index: number;
  /** Which of the output's files. */
  readonly file: number;
  readonly rows: number;
  readonly bytes: number;
}

export interface FileContent {
  readonly rows: number;
  readonly schema: Column[];
}

export interface RowComparison {
  readonly equal: boolean;
  readonly onlyInSource: number;
  readonly onlyInDelivery: number;
  /** Rows in the delivered files. */
  readonly rows: number;
}

export type Reply =
  | { readonly type: 'ready'; readonly schema: readonly Column[] }
  | { readonly type: 'done'; readonly result: unknown }
  | { readonly type: 'failed'; readonly failure: JobFailure };

/** A failure in the words of the contract, which the parent makes a `CausewayError` of. */
export type JobFailure =
  | { readonly code: 'engine_failed'; readonly reason: string }
  | { readonly code: 'file_not_readable'; readonly name: string; readonly reason: string }
  | { readonly code: 'query_not_usable'; readonly reason: string }
  | { readonly code: 'column_not_found'; readonly details: ErrorDetails<'column_not_found'> }
  | { readonly code: 'schema_changed'; readonly details: ErrorDetails<'schema_changed'> }
  | { readonly code: 'filter_not_usable'; readonly details: ErrorDetails<'filter_not_usable'> }
  | { readonly code: 'cursor_not_usable'; readonly details: ErrorDetails<'cursor_not_usable'> };

/** The file to inspect, in the job's folder. */
export const inspectedName = 'inspected';

/** File `file` of input `input`, in the job's folder. */
export function inputFileName(input: number, file: number): string {
  return `input_${input}_${file}`;
}

/** The FIFO of input `input`. */
export function inputStreamName(input: number): string {
  return `input_${input}`;
}

/** The only folder that a query may write to, besides its spill. */
export const outputFolder = 'out';
export const spillFolder = 'spill';

/** The folder that DuckDB writes the partitions of a split to. */
export const partitionFolder = `${outputFolder}/parts`;

/** The folder that DuckDB writes the files of a rotated output to. */
export const rotationFolder = `${outputFolder}/files`;

/** Holds the files of bucket `bucket` of a spill; fixed by how DuckDB names partitions. */
export function bucketFolder(bucket: number, { indexColumn }: SplitRequest): string {
  return `${partitionFolder}/${indexColumn}=${bucket}`;
}

/** Where it writes number `file` of them; fixed by how it names them. */
export function rotatedName(file: number): string {
  return `${rotationFolder}/data_${file}.parquet`;
}

/** Text is rotated where it is framed; DuckDB cannot rotate what it splits, nor what there is none of. */
export function isRotated({ format, targetFileBytes, split }: UnloadScanJob): boolean {
  return format === 'parquet' && targetFileBytes !== null && (split?.values.length ?? 1) === 1;
}

export function outputsOf(split: SplitRequest | null): number {
  return split === null ? 1 : split.slices.reduce((sum, slices) => sum + slices, 0);
}

/** One value needs no partitions: its rows are those that match. */
export function partitionsOf(split: SplitRequest | null): SplitRequest | null {
  return split !== null && split.values.length > 1 ? split : null;
}

/** Where DuckDB writes the rows of output `index`; fixed by how it names partitions. */
export function outputName(index: number, format: Format, split: SplitRequest | null): string {
  const partitions = partitionsOf(split);
  const folder = partitions
    ? `${partitionFolder}/${partitions.indexColumn}=${index}`
    : outputFolder;
  return `${folder}/data_0.${format}`;
}

export function deliveredName(index: number, format: Format): string {
  return `delivered_${index}.${format}`;
}
