import { randomBytes } from 'node:crypto';
import { type Column, CsvForm } from '@causeway/contract';
import { checkUnloadJob } from './check-job.ts';
import {
  type ConsumeOutput,
  maxOutputsPerScan,
  type UnloadJob,
  type UnloadResult,
} from './engine.ts';
import { knownRequest } from './known-rows.ts';
import { outputFiles, type Slice, sumOf } from './output-files.ts';
import { type Group, outputGroups, splitRequest } from './output-groups.ts';
import type { SourceRequest, UnloadScanJob } from './protocol.ts';
import { queryTime } from './query-time.ts';
import { relayOf, relayRows } from './relay-rows.ts';
import { runScan } from './run-scan.ts';
import { notReadable } from './source-file.ts';
import { type OpenedSource, openSource } from './source-inputs.ts';
import { type SpilledSource, type SpillInput, spillSource } from './spill-source.ts';
import { type EngineContext, type Workplace, withWorkplace } from './workplace.ts';

/** What is read from this machine's own disk is read by so many at once: fewer go faster. */
const outputsPerSpilledScan = 128;

/** {@link Engine.unload}. */
export async function unloadSource(
  context: EngineContext,
  job: UnloadJob,
  consume: ConsumeOutput,
  signal?: AbortSignal,
): Promise<UnloadResult> {
  checkUnloadJob(job);
  const relay = relayOf(job);
  if (relay) return relayRows(context, job, relay, consume, signal);
  const reuseChunks = job.chunks === 'reused';
  const targetFileBytes = job.targetFileBytes ?? null;
  const source = await openSource(job.source);
  const limited = queryTime(job.source, context, signal);
  const work = <T>(run: (workplace: Workplace) => Promise<T>) =>
    withWorkplace(context, { files: source.files, signal: limited, known: job.known }, run);
  const groups = await outputGroups(job, { source, work });
  const outputs = outputFiles(job.split.type === 'all' ? 1 : job.split.values.length);
  const rows = new Map<Group, number>();
  const parts = await partsOf(context, job, { source, groups, signal: limited });
  let { schema } = parts;
  try {
    for (const [number, batch] of parts.batches.entries()) {
      const part = await parts.open(number);
      if (!part) continue;
      const { scan, slices } = scanOf(part.job, part.source.request, batch, parts.indexColumn);
      const input = { files: part.source.files, signal: limited, known: part.job.known };
      const result = await withWorkplace(context, input, (workplace) =>
        runScan(workplace, {
          source: part.source,
          scan,
          consume: (index, stream, file, rowName) => {
            const slice = sliceAt(slices, index);
            const { output, partition } = slice.group;
            const number = outputs.begin(slice, file);
            return consume(output, stream, { number, partition, ...(rowName && { rowName }) });
          },
          reuseChunks,
          targetFileBytes,
          compressor: context.compressor,
        }),
      );
      schema ??= result.schema;
      for (const [index, counts] of result.files.entries()) {
        const slice = sliceAt(slices, index);
        outputs.end(slice, counts);
        rows.set(slice.group, (rows.get(slice.group) ?? 0) + sumOf(counts).rows);
      }
      await parts.drop(number);
    }
  } finally {
    await parts.remove();
  }
  for (const group of groups) expectSame(group, rows.get(group) ?? 0, source);
  const sourceVersion = source.watched.map(({ version }) => version).join();
  const files = outputs.files;
  return { schema: schema ?? [], files, outputs: files.map(sumOf), sourceVersion };
}

/** What the scans of a job read, one after the other: each the same source, or a part of it. */
interface Parts extends Pick<SpilledSource, 'drop' | 'remove'> {
  readonly batches: readonly (readonly Group[])[];
  readonly indexColumn: string;
  /** Of the rows as they are sent, if it is known before the first scan. */
  readonly schema: readonly Column[] | null;
  /** Null: the batch has no rows. */
  open(batch: number): Promise<{ readonly source: OpenedSource; readonly job: UnloadJob } | null>;
}

/** The source itself as far as one scan may serve: beyond that it is sorted first, and read once. */
async function partsOf(
  context: EngineContext,
  job: UnloadJob,
  { source, groups, signal }: Omit<SpillInput, 'job' | 'batches' | 'indexColumn'> & GroupsOf,
): Promise<Parts> {
  const indexColumn = `__output_${randomBytes(8).toString('hex')}`;
  const whole = batchesOf(groups, maxOutputsPerScan);
  const batches = whole.length > 1 ? batchesOf(groups, outputsPerSpilledScan) : whole;
  // What names rows is none of the columns that would be spilled.
  const spilled =
    batches.length > 1 && !job.rowName
      ? await spillSource(context, { job, source, batches, indexColumn, signal })
      : null;
  if (!spilled) {
    const nothing = () => Promise.resolve();
    const open = () => Promise.resolve({ source, job });
    return { batches: whole, indexColumn, schema: null, open, drop: nothing, remove: nothing };
  }
  const { window: _window, filter: _filter, deleted: _deleted, known: _known, ...rest } = job;
  const chosen = { ...rest, schema: null, columns: spilled.schema.map(({ name }) => name) };
  return {
    ...spilled,
    batches,
    indexColumn,
    open: async (batch) => {
      const opened = await spilled.open(batch);
      return opened && { source: opened, job: chosen };
    },
  };
}

interface GroupsOf {
  readonly groups: readonly Group[];
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

interface PlannedScan {
  readonly scan: UnloadScanJob;
  /** By the scan's outputs. */
  readonly slices: readonly Slice[];
}

/** Of a batch of groups: one query over the source, or over what was spilled of it. */
function scanOf(
  job: UnloadJob,
  source: SourceRequest,
  batch: readonly Group[],
  indexColumn: string,
): PlannedScan {
  const { format, compression, targetFileBytes = null, window = null } = job;
  const { filter = null, deleted = null, schema = null, sendsAdded = false, columns = null } = job;
  const { fingerprint = null, rowName = null } = job;
  const csv = format === 'csv' ? CsvForm.parse(job.csv ?? {}) : null;
  const choice = { window, filter, deleted, known: knownRequest(job) };
  const rows = { ...choice, schema, sendsAdded, columns, fingerprint, rowName };
  const form = { format, compression, csv, targetFileBytes, ...rows };
  // What is alone is not split, so that DuckDB rotates it.
  const counts = batch.map(({ slices }) => (batch.length === 1 ? 1 : slices));
  const split = splitRequest(job, batch, counts, indexColumn);
  return {
    scan: { type: 'unload', source, ...form, split },
    slices: batch.flatMap((group, i) => Array.from({ length: counts[i] ?? 1 }, () => ({ group }))),
  };
}

/** At least one, so that a split over no values still checks the source and tells its schema. */
function batchesOf(groups: readonly Group[], mostOutputs: number): Group[][] {
  let batch: Group[] = [];
  const batches = [batch];
  let outputs = 0;
  for (const group of groups) {
    if (outputs > 0 && outputs + group.slices > mostOutputs) {
      batch = [];
      batches.push(batch);
      outputs = 0;
    }
    batch.push(group);
    outputs += group.slices;
  }
  return batches;
}
