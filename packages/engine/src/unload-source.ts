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
import { outputFiles, type Slice } from './output-files.ts';
import { type Group, outputGroups, splitRequest } from './output-groups.ts';
import type { SourceRequest, UnloadScanJob } from './protocol.ts';
import { queryTime } from './query-time.ts';
import { runScan } from './run-scan.ts';
import { notReadable } from './source-file.ts';
import { type OpenedSource, openSource } from './source-inputs.ts';
import { type EngineContext, type Workplace, withWorkplace } from './workplace.ts';

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
  const work = <T>(run: (workplace: Workplace) => Promise<T>) =>
    withWorkplace(context, { files: source.files, signal: limited }, run);
  const groups = await outputGroups(job, { source, work });
  const outputs = outputFiles(job.split.type === 'all' ? 1 : job.split.values.length);
  const rows = new Map<Group, number>();
  let schema: readonly Column[] = [];
  for (const { scan, slices } of scansOf(job, source.request, groups)) {
    const result = await work((workplace) =>
      runScan(workplace, {
        source,
        scan,
        consume: (index, stream, file) => {
          const slice = sliceAt(slices, index);
          const { output, partition } = slice.group;
          return consume(output, stream, { number: outputs.begin(slice, file), partition });
        },
        reuseChunks,
        targetFileBytes,
        compressor: context.compressor,
      }),
    );
    schema = result.schema;
    for (const [index, counts] of result.files.entries()) {
      const slice = sliceAt(slices, index);
      outputs.end(slice, counts);
      rows.set(slice.group, (rows.get(slice.group) ?? 0) + sumOf(counts).rows);
    }
  }
  for (const group of groups) expectSame(group, rows.get(group) ?? 0, source);
  const sourceVersion = source.watched.map(({ version }) => version).join();
  return { schema, files: outputs.files, outputs: outputs.files.map(sumOf), sourceVersion };
}

function sliceAt(slices: readonly Slice[], index: number): Slice {
  const slice = slices[index];
  if (!slice) throw new Error(`There is no output ${index}`);
  return slice;
}

/** @throws CausewayError `source_not_readable` when rows came or went since they were counted. */
function expectSame(group: Group, rows: number, source: OpenedSource): void {
  if (group.rows === null || group.rows === rows) return;
  const [first] = source.files;
  throw notReadable(first?.label ?? '', 'it changed while it was read');
}

function sumOf(files: readonly FileCounts[]): FileCounts {
  return {
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

interface PlannedScan {
  readonly scan: UnloadScanJob;
  /** By the scan's outputs. */
  readonly slices: readonly Slice[];
}

/** One for all groups, as far as one may serve: see {@link maxOutputsPerScan}. */
function scansOf(job: UnloadJob, source: SourceRequest, groups: readonly Group[]): PlannedScan[] {
  const { format, compression, targetFileBytes = null, window = null } = job;
  const { filter = null, deleted = null, schema = null, columns = null } = job;
  const csv = format === 'csv' ? CsvForm.parse(job.csv ?? {}) : null;
  const rows = { window, filter, deleted, schema, columns };
  const form = { format, compression, csv, targetFileBytes, ...rows };
  const indexColumn = `__output_${randomBytes(8).toString('hex')}`;
  return batchesOf(groups).map((batch) => {
    // What is alone is not split, so that DuckDB rotates it.
    const counts = batch.map(({ slices }) => (batch.length === 1 ? 1 : slices));
    const split = splitRequest(job, batch, counts, indexColumn);
    return {
      scan: { type: 'unload', source, ...form, split },
      slices: batch.flatMap((group, i) =>
        Array.from({ length: counts[i] ?? 1 }, () => ({ group })),
      ),
    };
  });
}

/** At least one, so that a split over no values still checks the source and tells its schema. */
function batchesOf(groups: readonly Group[]): Group[][] {
  let batch: Group[] = [];
  const batches = [batch];
  let outputs = 0;
  for (const group of groups) {
    if (outputs + group.slices > maxOutputsPerScan) {
      batch = [];
      batches.push(batch);
      outputs = 0;
    }
    batch.push(group);
    outputs += group.slices;
  }
  return batches;
}
