import { CausewayError, nameOfSource } from '@causeway/contract';
import type { EngineSource, FileCounts, UnloadResult } from '@causeway/engine';
import { writeForgotten } from './forgotten-keys.ts';
import type { FileKind, Lookback, RunWork } from './journal.ts';
import { watchLaggards } from './laggards.ts';
import { lookbacksOf, looksBack, type RowMemory, rowMemory } from './lookback.ts';
import { neededRows } from './needed-rows.ts';
import type { RunRecipientWork } from './recipient.ts';
import { type RecipientFiles, recipientFiles, type ScanShare } from './recipient-files.ts';
import { positionColumn } from './record-files.ts';
import type { OpenSource, RunDeps } from './run-deps.ts';
import { fixSchema } from './run-schema.ts';
import {
  type Scanned,
  scan,
  scanFingerprints,
  scannedWindow,
  type UploadFile,
} from './scan-source.ts';
import type { Tasks } from './tasks.ts';

/** How the recipients of one scan go on from it. */
export interface Wave {
  readonly tasks: Tasks;
  /** How long one bucket may hold up the others. */
  readonly patienceMs: number;
  /** Lets only so many uploads begin at once. */
  readonly begin: ScanShare['begin'];
  /** Lets a run keep only so many bytes of small files. */
  readonly mayKeep: ScanShare['mayKeep'];
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
  all: readonly RunRecipientWork[],
  deps: RunDeps,
  wave: Wave,
): Promise<void> {
  const { signal } = wave.tasks;
  const { keysOnly = [], rows: recipients = [] } = Object.groupBy(all, ({ sendsKeysOnly }) =>
    sendsKeysOnly ? 'keysOnly' : 'rows',
  );
  if (keysOnly.length > 0) {
    await markPreparing(keysOnly);
    await prepareGroup({ run, source: null, group: keysOnly, lookbacks: new Map() }, deps, wave);
  }
  if (recipients.length === 0) return;
  const failAll = async (error: unknown) => {
    await Promise.all(recipients.map((recipient) => recipient.guard(() => Promise.reject(error))));
  };
  const source = await deps.openSource(run.dataset, signal).catch(failAll);
  if (!source) return;
  try {
    const lookbacks = await lookbacksOf(run, recipients, deps);
    const likes = Map.groupBy(recipients, (recipient) => likenessOf(run, recipient, lookbacks));
    for (const group of likes.values()) {
      await markPreparing(group);
      await prepareGroup({ run, source, group, lookbacks }, deps, wave);
    }
  } finally {
    await source.close();
  }
}

async function markPreparing(group: readonly RunRecipientWork[]): Promise<void> {
  await Promise.all(group.map((recipient) => recipient.update({ state: 'preparing' })));
}

/** What recipients must have in common to share a scan. */
function likenessOf(
  { dataset }: RunWork,
  { customerId, work }: RunRecipientWork,
  lookbacks: ReadonlyMap<string, Lookback>,
): string {
  const { since = null, digest = '' } = lookbacks.get(customerId) ?? {};
  return JSON.stringify([work.window, since, dataset.customerColumn === null ? digest : '']);
}

/** Recipients that share a scan. */
interface Group {
  readonly run: RunWork;
  /** Null when nothing of it is sent: see `sendsKeysOnly`. */
  readonly source: OpenSource | null;
  readonly group: readonly RunRecipientWork[];
  readonly lookbacks: ReadonlyMap<string, Lookback>;
}

async function prepareGroup(
  { run, source, group, lookbacks }: Group,
  deps: RunDeps,
  { tasks, patienceMs, begin, mayKeep, commit, setAside }: Wave,
): Promise<void> {
  const { signal } = tasks;
  const laggards = watchLaggards(group, { patienceMs });
  const share = { recipients: group.length, laggards, begin, mayKeep };
  const kinds = kindsOf(run, source, group);
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
  const uploadOf =
    (kind: FileKind): UploadFile =>
    (recipient, stream, file) =>
      filesOf.get(recipient)?.get(kind)?.upload(stream, file, signal) ?? Promise.resolve();
  const memory = rowMemory(run, lookbacks, deps);
  let written: Written;
  try {
    const scans: Scans = source
      ? await scanAll({ run, source, group, lookbacks }, uploadOf, memory, deps, signal)
      : new Map();
    written = await withForgotten(run, group, scans, uploadOf('tombstones'), deps, signal);
  } catch (error) {
    eachWithFiles(({ recipient, settled }) =>
      tasks.start(() =>
        recipient.guard(async () => {
          await settled();
          throw error;
        }),
      ),
    );
    return;
  } finally {
    laggards.stop();
  }
  // Streams that are read may be under way to their buckets still: that is waited for, whatever
  // becomes of the run, since an upload that is begun when its worker is gone is left behind.
  eachWithFiles(({ settled }) => tasks.start(settled));
  if (written.schema) await fixSchema(run, written.schema, deps);
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
        memory.check(recipient);
        await files.get('tombstones')?.seal(written.countsOf('tombstones', index));
        const sealed = await files.get('data')?.seal(written.countsOf('data', index));
        await recipient.update({ ...sealed, state: 'prepared' });
        recipient.log('recipient:prepared', `${sealed?.rows ?? 0} rows`);
      });
      if (recipient.isUnderway) await commit(recipient);
    });
  });
}

type Scans = ReadonlyMap<FileKind | 'fingerprints', UnloadResult>;

/** One query for each kind of file over the source as it is now. */
async function scanAll(
  { run, source, group, lookbacks }: Group & { readonly source: OpenSource },
  uploadOf: (kind: FileKind) => UploadFile,
  memory: RowMemory,
  deps: RunDeps,
  signal: AbortSignal,
): Promise<Scans> {
  const results = new Map<FileKind | 'fingerprints', UnloadResult>();
  checkVersion(run, source, group);
  const lookback = lookbacks.get(group[0]?.customerId ?? '');
  const scanned: Scanned = { run, source: sourceOf(run, source, group, lookback), group, lookback };
  for (const kind of scannedKinds(run)) {
    results.set(kind, await scan(kind, scanned, uploadOf(kind), deps, signal));
  }
  if (looksBack(run)) {
    results.set('fingerprints', await scanFingerprints(scanned, memory, deps, signal));
  }
  checkSameSource(run, [...results.values()]);
  return results;
}

/** What the files of a group hold. */
interface Written {
  /** Of the rows; undefined when there was nothing to read. */
  readonly schema: UnloadResult['schema'] | undefined;
  readonly countsOf: (kind: FileKind, index: number) => readonly FileCounts[];
}

/** Writes the keys to be forgotten behind what was scanned. */
async function withForgotten(
  run: RunWork,
  group: readonly RunRecipientWork[],
  scans: Scans,
  upload: UploadFile,
  deps: RunDeps,
  signal: AbortSignal,
): Promise<Written> {
  const scannedOf = (kind: FileKind, index: number) =>
    scans.get(kind)?.files[run.dataset.customerColumn === null ? 0 : index] ?? [];
  const indexes = new Map(group.map((recipient, index) => [recipient, index]));
  const firstNumber = (recipient: RunRecipientWork) =>
    scannedOf('tombstones', indexes.get(recipient) ?? 0).length;
  const forgotten = await writeForgotten(run, group, upload, firstNumber, deps, signal);
  return {
    schema: scans.get('data')?.schema,
    countsOf(kind, index) {
      const recipient = group[index];
      const own = kind === 'tombstones' && recipient ? forgotten.get(recipient) : undefined;
      return [...scannedOf(kind, index), ...(own ?? [])];
    },
  };
}

interface Prepared {
  readonly recipient: RunRecipientWork;
  readonly files: ReadonlyMap<FileKind, RecipientFiles>;
  readonly index: number;
  /** Resolves when no upload of any kind is under way. Never rejects. */
  readonly settled: () => Promise<void>;
}

/** In the order in which they are written: each kind is a query over the source. */
function scannedKinds({ dataset }: RunWork): readonly FileKind[] {
  return dataset.deletedColumn === null ? ['data'] : ['data', 'tombstones'];
}

/** Those of which there may be files. */
function kindsOf(
  run: RunWork,
  source: OpenSource | null,
  group: readonly RunRecipientWork[],
): readonly FileKind[] {
  const forgets = group.some(({ work }) => work.forget !== null);
  const kinds = source ? scannedKinds(run) : [];
  return [...new Set<FileKind>([...kinds, ...(forgets ? (['tombstones'] as const) : [])])];
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
  group: readonly RunRecipientWork[],
  lookback: Lookback | undefined,
): EngineSource {
  const [first] = group;
  const within = first && opened.within?.(first.work.window, positionColumn(run));
  return (
    within ?? opened.narrowed?.(neededRows(run, scannedWindow(group, lookback))) ?? opened.source
  );
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
