import type { Readable } from 'node:stream';
import { CausewayError, nameOfSource } from '@causeway/contract';
import type { EngineSource, OutputFile, UnloadResult } from '@causeway/engine';
import { broadcast } from './broadcast.ts';
import type { FileKind, RunWork } from './journal.ts';
import { watchLaggards } from './laggards.ts';
import { neededRows } from './needed-rows.ts';
import type { RunRecipientWork } from './recipient.ts';
import { type RecipientFiles, recipientFiles, type ScanShare } from './recipient-files.ts';
import type { OpenSource, RunDeps } from './run-deps.ts';
import { expectedSchema, fixSchema } from './run-schema.ts';
import type { Tasks } from './tasks.ts';

/** How the recipients of one scan go on from it. */
export interface Wave {
  readonly tasks: Tasks;
  /** How long one bucket may hold up the others. */
  readonly patienceMs: number;
  /** Lets only so many uploads begin at once. */
  readonly begin: ScanShare['begin'];
  /** Called for each recipient as soon as all its files are uploaded. */
  readonly commit: (recipient: RunRecipientWork) => Promise<void>;
  /** Called for one that held up the others; `ended` resolves when nothing of it is under way. */
  readonly setAside: (recipient: RunRecipientWork, ended: Promise<void>) => void;
}

/**
 * Uploads every recipient's rows without making anything visible, and then lets each
 * commit by itself. Recipients that share a window share one scan of the source.
 *
 * Returns when the source was read. A recipient whose upload fails is marked failed and
 * the others go on; a query that fails fails them all.
 */
export async function prepareWave(
  run: RunWork,
  recipients: readonly RunRecipientWork[],
  deps: RunDeps,
  wave: Wave,
): Promise<void> {
  const { signal } = wave.tasks;
  const failAll = async (error: unknown) => {
    signal.throwIfAborted();
    await Promise.all(recipients.map((recipient) => recipient.fail(error)));
  };
  const source = await deps.openSource(run.dataset, signal).catch(failAll);
  if (!source) return;
  try {
    const byWindow = Map.groupBy(recipients, ({ work }) => JSON.stringify(work.window));
    for (const group of byWindow.values()) {
      await Promise.all(group.map((recipient) => recipient.update({ state: 'preparing' })));
      await prepareGroup(run, source, group, deps, wave);
    }
  } finally {
    await source.close();
  }
}

async function prepareGroup(
  run: RunWork,
  source: OpenSource,
  group: readonly RunRecipientWork[],
  deps: RunDeps,
  { tasks, patienceMs, begin, commit, setAside }: Wave,
): Promise<void> {
  const { signal } = tasks;
  const laggards = watchLaggards(group, { patienceMs });
  const share = { recipients: group.length, laggards, begin };
  const kinds = kindsOf(run);
  const filesOf = new Map(
    group.map((recipient) => [
      recipient,
      new Map(kinds.map((kind) => [kind, recipientFiles(kind, run, recipient, deps, share)])),
    ]),
  );
  const eachWithFiles = (act: (each: Prepared) => void) => {
    for (const [index, recipient] of group.entries()) {
      const files = filesOf.get(recipient);
      if (files) act({ recipient, files, index, settled: () => settledAll(files) });
    }
  };
  const results = new Map<FileKind, UnloadResult>();
  try {
    checkVersion(run, source, group);
    for (const kind of kinds) {
      const upload: UploadFile = (recipient, stream, file) =>
        filesOf.get(recipient)?.get(kind)?.upload(stream, file, signal) ?? Promise.resolve();
      results.set(
        kind,
        await scan(kind, run, sourceOf(run, source, group), group, upload, deps, signal),
      );
    }
    checkSameSource(run, [...results.values()]);
  } catch (error) {
    eachWithFiles(({ recipient, settled }) =>
      tasks.start(async () => {
        await settled();
        signal.throwIfAborted();
        await recipient.fail(error);
      }),
    );
    return;
  } finally {
    laggards.stop();
  }
  const sent = results.get('data');
  if (sent) await fixSchema(run, sent.schema, deps);
  const countsOf = (kind: FileKind, index: number) =>
    results.get(kind)?.files[run.dataset.customerColumn === null ? 0 : index] ?? [];
  eachWithFiles(({ recipient, files, index, settled }) => {
    if (laggards.isSetAside(recipient)) {
      recipient.log('recipient:set_aside', 'its bucket held up the others');
      setAside(recipient, settled());
      return;
    }
    tasks.start(async () => {
      await recipient.guard(async () => {
        await settled();
        signal.throwIfAborted();
        await files.get('tombstones')?.seal(countsOf('tombstones', index));
        const sealed = await files.get('data')?.seal(countsOf('data', index));
        await recipient.update({ ...sealed, state: 'prepared' });
        recipient.log('recipient:prepared', `${sealed?.rows} rows`);
      });
      if (recipient.isUnderway) await commit(recipient);
    });
  });
}

interface Prepared {
  readonly recipient: RunRecipientWork;
  readonly files: ReadonlyMap<FileKind, RecipientFiles>;
  readonly index: number;
  /** Resolves when no upload of any kind is under way. Never rejects. */
  readonly settled: () => Promise<void>;
}

/** In the order in which they are written: each kind is a query over the source. */
function kindsOf({ dataset }: RunWork): readonly FileKind[] {
  return dataset.deletedColumn === null ? ['data'] : ['data', 'tombstones'];
}

async function settledAll(files: ReadonlyMap<FileKind, RecipientFiles>): Promise<void> {
  await Promise.all(Array.from(files.values(), (each) => each.settled()));
}

/** A row that was deleted between two queries would be in neither of their files, or in both. */
function checkSameSource({ dataset }: RunWork, results: readonly UnloadResult[]): void {
  if (new Set(results.map(({ sourceVersion }) => sourceVersion)).size <= 1) return;
  const reason = 'it changed while it was read';
  throw new CausewayError('source_not_readable', { path: nameOfSource(dataset.source), reason });
}

/** All of a group have the same window. */
function sourceOf(
  run: RunWork,
  opened: OpenSource,
  [first]: readonly RunRecipientWork[],
): EngineSource {
  const within = first && opened.within?.(first.work.window);
  return within ?? opened.narrowed?.(neededRows(run, first?.work.window)) ?? opened.source;
}

/** The window of a full delivery is the version of its source: the manifest must not name another. */
function checkVersion(
  { delivery, dataset }: RunWork,
  { version }: OpenSource,
  group: readonly RunRecipientWork[],
): void {
  if (delivery.mode !== 'full' || version === null) return;
  if (group.every(({ work }) => isSameTime(work.window.to, version))) return;
  const reason = 'it changed since the run was made: start another run';
  throw new CausewayError('source_not_readable', { path: nameOfSource(dataset.source), reason });
}

/** To the microsecond, which `Date` cannot hold. */
function isSameTime(one: string, other: string): boolean {
  const fraction = (time: string) => /\.(\d+)/.exec(time)?.[1]?.replace(/0+$/, '') ?? '';
  return Date.parse(one) === Date.parse(other) && fraction(one) === fraction(other);
}

/** Which rows go into files of a kind, and what of them. */
function rowsOf(kind: FileKind, { dataset, delivery }: RunWork) {
  const { deletedColumn: column, primaryKey } = dataset;
  if (kind === 'tombstones') {
    return {
      columns: primaryKey,
      ...(column !== null && { deleted: { column, keep: 'deleted' } as const }),
    };
  }
  const { columns, partitionBy } = delivery;
  return {
    columns,
    partitionBy,
    ...(column !== null && { deleted: { column, keep: 'others' } as const }),
  };
}

/** Sends a file of a recipient; resolves when its stream is read. Never rejects. */
type UploadFile = (
  recipient: RunRecipientWork,
  stream: Readable,
  file: OutputFile,
) => Promise<void>;

/** One query over the source, its rows split by customer, or the same bytes for each. */
function scan(
  kind: FileKind,
  run: RunWork,
  source: EngineSource,
  group: readonly RunRecipientWork[],
  upload: UploadFile,
  deps: RunDeps,
  signal: AbortSignal,
): Promise<UnloadResult> {
  const { dataset, delivery } = run;
  const { window } = neededRows(run, group[0]?.work.window);
  const job = {
    source,
    format: delivery.format,
    compression: delivery.compression,
    csv: delivery.csv,
    targetFileBytes: delivery.targetFileBytes,
    filter: delivery.filter,
    ...expectedSchema(run),
    ...rowsOf(kind, run),
    // Uploads copy every chunk into a part at once.
    chunks: 'reused' as const,
    ...(window && { window }),
  };
  if (dataset.customerColumn === null) {
    return deps.engine.unload(
      { ...job, split: { type: 'all' } },
      async (_index, stream, file) => {
        const copies = group.length === 1 ? [stream] : broadcast(stream, group.length);
        await Promise.all(
          group.map((recipient, i) => upload(recipient, copies[i] ?? stream, file)),
        );
      },
      signal,
    );
  }
  const values = group.map(({ work }) => work.reference);
  return deps.engine.unload(
    { ...job, split: { type: 'byColumn', column: dataset.customerColumn, values } },
    async (index, stream, file) => {
      const recipient = group[index];
      if (recipient) await upload(recipient, stream, file);
    },
    signal,
  );
}
