import { randomBytes } from 'node:crypto';
import { type Column, CsvForm } from '@causeway/contract';
import { checkUnloadJob } from './check-job.ts';
import {
  type ConsumeOutput,
  type FileCounts,
  maxOutputsPerScan,
  type UnloadJob,
  type UnloadResult,
} from './engine.ts';
import type { SourceRequest, UnloadScanJob } from './protocol.ts';
import { queryTime } from './query-time.ts';
import { runScan } from './run-scan.ts';
import { openSource } from './source-inputs.ts';
import { type EngineContext, withWorkplace } from './workplace.ts';

/** {@link Engine.unload}. */
export async function unloadSource(
  context: EngineContext,
  job: UnloadJob,
  consume: ConsumeOutput,
  signal?: AbortSignal,
): Promise<UnloadResult> {
  checkUnloadJob(job);
  const reuseChunks = job.chunks === 'reused';
  const targetFileBytes = job.targetFileBytes ?? null;
  const source = await openSource(job.source);
  const limited = queryTime(job.source, context, signal);
  let schema: readonly Column[] = [];
  const files: (readonly FileCounts[])[] = [];
  for (const scan of scansOf(job, source.request)) {
    const first = files.length;
    const consumeScan: ConsumeOutput = (index, stream, file) =>
      consume(first + index, stream, file);
    const result = await withWorkplace(
      context,
      { files: source.files, signal: limited },
      (workplace) =>
        runScan(workplace, {
          source,
          scan,
          consume: consumeScan,
          reuseChunks,
          targetFileBytes,
          compressor: context.compressor,
        }),
    );
    schema = result.schema;
    files.push(...result.files);
  }
  return { schema, files, outputs: files.map(sumOf) };
}

function sumOf(files: readonly FileCounts[]): FileCounts {
  return {
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** One for all outputs, as far as one may serve: see {@link maxOutputsPerScan}. */
function scansOf(job: UnloadJob, source: SourceRequest): UnloadScanJob[] {
  const { format, compression, split, targetFileBytes = null } = job;
  const csv = format === 'csv' ? CsvForm.parse(job.csv ?? {}) : null;
  const form = { format, compression, csv, targetFileBytes };
  const scan = { type: 'unload', source, ...form, window: job.window ?? null } as const;
  if (split.type === 'all') return [{ ...scan, split: null }];
  const indexColumn = `__output_${randomBytes(8).toString('hex')}`;
  const scans: UnloadScanJob[] = [];
  // At least one, so that a split over no values still checks the source and tells its schema.
  for (let start = 0; start === 0 || start < split.values.length; start += maxOutputsPerScan) {
    const values = split.values.slice(start, start + maxOutputsPerScan);
    scans.push({ ...scan, split: { column: split.column, values, indexColumn } });
  }
  return scans;
}
