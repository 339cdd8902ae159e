/** Datasets as SQL: the port, and DuckDB behind it. */
export {
  type Comparison,
  createDuckDbEngine,
  type DuckDbEngine,
  type DuckDbEngineOptions,
  type LocalFile,
  type TempFolder,
} from './create-duckdb-engine.ts';
export type { CursorWindow } from './cursor-window.ts';
export {
  type ConsumeOutput,
  type Engine,
  type FileCounts,
  type KnownRows,
  maxOutputsPerScan,
  maxPartitions,
  type OutputFile,
  type UnloadJob,
  type UnloadResult,
} from './engine.ts';
export {
  type EngineSource,
  type InputFile,
  type InputFiles,
  type InputStream,
  parquetFile,
  type SourceInput,
  type WantedCsv,
  type WrittenCsv,
} from './engine-source.ts';
export type { FileContent, RowComparison } from './protocol.ts';
