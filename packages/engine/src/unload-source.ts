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
import { outputFiles } from './output-files.ts';
import { type Group, partitionGroups, splitGroups, splitRequest } from './output-groups.ts';
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
  const groups = job.partitionBy?.length
    ? await partitionGroups(job, { source, columns: job.partitionBy, work })
    : splitGroups(job.split);
  const outputs = outputFiles(job.split.type === 'all' ? 1 : job.split.values.length);
  let schema: readonly Column[] = [];
  for (const { scan, groups: scanned } of scansOf(job, source.request, groups)) {
    const result = await work((workplace) =>
      runScan(workplace, {
        source,
        scan,
        consume: (index, stream, file) => {
          const group = groupAt(scanned, index);
          const number = outputs.begin(group, file);
          return consume(group.output, stream, { number, partition: group.partition });
        },
        reuseChunks,
        targetFileBytes,
        compressor: context.compressor,
      }),
    );
    schema = result.schema;
    for (const [index, counts] of result.files.entries()) {
      const group = groupAt(scanned, index);
      expectSame(group, counts, source);
      outputs.end(group, counts);
    }
  }
  return { schema, files: outputs.files, outputs: outputs.files.map(sumOf) };
}

function groupAt(groups: readonly Group[], index: number): Group {
  const group = groups[index];
  if (!group) throw new Error(`There is no output ${index}`);
  return group;
}

/** @throws CausewayError `source_not_readable` when rows came or went since they were counted. */
function expectSame({ rows }: Group, counts: readonly FileCounts[], source: OpenedSource): void {
  if (rows === null || rows === sumOf(counts).rows) return;
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
  readonly groups: readonly Group[];
}

/** One for all groups, as far as one may serve: see {@link maxOutputsPerScan}. */
function scansOf(job: UnloadJob, source: SourceRequest, groups: readonly Group[]): PlannedScan[] {
  const { format, compression, targetFileBytes = null, window = null } = job;
  const csv = format === 'csv' ? CsvForm.parse(job.csv ?? {}) : null;
  const form = { format, compression, csv, targetFileBytes };
  const indexColumn = `__output_${randomBytes(8).toString('hex')}`;
  const scans: PlannedScan[] = [];
  // At least one, so that a split over no values still checks the source and tells its schema.
  for (let start = 0; start === 0 || start < groups.length; start += maxOutputsPerScan) {
    const scanned = groups.slice(start, start + maxOutputsPerScan);
    const split = splitRequest(job, scanned, indexColumn);
    scans.push({ groups: scanned, scan: { type: 'unload', source, ...form, window, split } });
  }
  return scans;
}
