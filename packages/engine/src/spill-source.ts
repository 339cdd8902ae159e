import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CausewayError, type Column } from '@causeway/contract';
import type { UnloadJob } from './engine.ts';
import { feedInputs } from './feed-inputs.ts';
import { knownRequest } from './known-rows.ts';
import { type Group, splitRequest } from './output-groups.ts';
import { bucketFolder, outputFolder, partitionFolder, type SpillJob } from './protocol.ts';
import { checkUnchanged } from './source-file.ts';
import { type OpenedSource, openSource } from './source-inputs.ts';
import { createWorkFolder } from './work-folder.ts';
import { type EngineContext, type Workplace, withWorkplace } from './workplace.ts';

/** The rows of a source on local disk, in files for each batch of groups. */
export interface SpilledSource {
  /** Of the rows as they are to be sent; the files may hold more columns. */
  readonly schema: readonly Column[];
  /** The rows of a batch; null: it has none. */
  open(batch: number): Promise<OpenedSource | null>;
  /** Frees the disk of a batch that is done with. */
  drop(batch: number): Promise<void>;
  remove(): Promise<void>;
}

export interface SpillInput {
  readonly job: UnloadJob;
  readonly source: OpenedSource;
  readonly batches: readonly (readonly Group[])[];
  readonly indexColumn: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads a source once for more outputs than one scan may have.
 *
 * Its rows are sorted into a file or a few for each batch of outputs, and each batch is then
 * a scan of its own files alone. That takes as much disk as the rows as Parquet, which
 * `spillLimitMb` bounds. Measured with 2 million rows of 17 columns and 1,000 outputs it took
 * three times the processor time of one output; one query with all outputs took nine times
 * that and more than the memory limit, and sorting by customer far more with more rows.
 *
 * @returns null for columns of types that would not come back the same: they are read from
 * the source again for each batch.
 * @throws CausewayError as `Engine.unload`.
 */
export async function spillSource(
  context: EngineContext,
  input: SpillInput,
): Promise<SpilledSource | null> {
  const { source, signal } = input;
  const spill = spillJob(input);
  const folder = await createWorkFolder(context.tempDir);
  try {
    const given = { files: source.files, signal, known: input.job.known };
    const result = await withWorkplace(context, given, async (place) => {
      await mkdir(place.pathOf(outputFolder));
      const written = await runSpill(context, place, source, spill);
      if (written.isFaithful) await keep(place, folder.path);
      return written;
    });
    if (!result.isFaithful) {
      await folder.remove();
      return null;
    }
    const pathOf = (batch: number) => join(folder.path, bucketFolder(batch, spill.split));
    return {
      schema: result.schema,
      open: (batch) => openBucket(pathOf(batch)),
      drop: (batch) => rm(pathOf(batch), { recursive: true, force: true }),
      remove: folder.remove,
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

function spillJob({ job, source, batches, indexColumn }: SpillInput): SpillJob {
  const groups = batches.flat();
  const slices = groups.map(() => 1);
  const split = splitRequest(job, groups, slices, indexColumn);
  if (!split) throw new Error('Cannot spill rows that are not split');
  const { window = null, filter = null, deleted = null, schema = null, columns = null } = job;
  const { sendsAdded = false } = job;
  return {
    type: 'spill',
    source: source.request,
    ...{ window, filter, deleted, known: knownRequest(job), schema, sendsAdded, columns },
    split,
    buckets: batches.flatMap((batch, index) => batch.map(() => index)),
  };
}

async function runSpill(
  context: EngineContext,
  place: Workplace,
  source: OpenedSource,
  spill: SpillJob,
) {
  const full = new AbortController();
  const { spillLimitMb } = context.limits;
  const check = async () => {
    if ((await sizeOf(place.pathOf(partitionFolder))) <= spillLimitMb * 1024 ** 2) return;
    throw new CausewayError('disk_full', { what: 'rows to split them', limitMb: spillLimitMb });
  };
  const timer = setInterval(() => {
    void check().catch((error: unknown) => {
      // A file may go while it is looked at: the next look, or the last, will see.
      if (CausewayError.is(error)) full.abort(error);
    });
  }, 500);
  try {
    const result = await feedInputs(place, source, (stop) =>
      place.run(spill, undefined, AbortSignal.any([stop, full.signal])),
    );
    await Promise.all(source.watched.map(checkUnchanged));
    // One that is quicker than the timer is held to the same limit.
    await check();
    return result;
  } finally {
    clearInterval(timer);
  }
}

/** Out of the folder of the process that wrote it, which goes with it. */
async function keep(place: Workplace, folder: string): Promise<void> {
  await mkdir(join(folder, outputFolder));
  const from = place.pathOf(partitionFolder);
  // Without a row there is no folder.
  const exists = await stat(from).catch(() => null);
  if (exists) await rename(from, join(folder, partitionFolder));
}

async function openBucket(path: string): Promise<OpenedSource | null> {
  const names = await readdir(path).catch(() => []);
  if (names.length === 0) return null;
  const files = names.map((name) => ({ path: join(path, name), label: 'rows set aside' }));
  const data = { type: 'files', files } as const;
  return openSource({ inputs: [{ name: 'source', data, format: 'parquet' }] });
}

/** In bytes; 0 for a folder that is not there, as without a row. */
async function sizeOf(folder: string): Promise<number> {
  if (!(await stat(folder).catch(() => null))) return 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
