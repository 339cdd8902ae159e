import type { Readable } from 'node:stream';
import { CsvForm, type Window } from '@causeway/contract';
import type { EngineSource, OutputFile, UnloadJob, UnloadResult } from '@causeway/engine';
import { broadcast } from './broadcast.ts';
import type { FileKind, Lookback, RunWork } from './journal.ts';
import { fingerprintColumns, knownRowsOf, type RowMemory, windowToRemember } from './lookback.ts';
import { neededRows } from './needed-rows.ts';
import type { RunRecipientWork } from './recipient.ts';
import { positionColumn, writtenForm } from './record-files.ts';
import type { RunDeps } from './run-deps.ts';
import { expectedSchema } from './run-schema.ts';

/** What is asked of a source, for recipients of one window who were sent the same before. */
export interface Scanned {
  readonly run: RunWork;
  readonly source: EngineSource;
  readonly group: readonly RunRecipientWork[];
  readonly lookback: Lookback | undefined;
}

/** Sends a file of a recipient; resolves when its stream is read. Never rejects. */
export type UploadFile = (
  recipient: RunRecipientWork,
  stream: Readable,
  file: OutputFile,
) => Promise<void>;

/** One query over the source, its rows split by customer, or the same bytes for each. */
export function scan(
  kind: FileKind,
  scanned: Scanned,
  upload: UploadFile,
  deps: RunDeps,
  signal: AbortSignal,
): Promise<UnloadResult> {
  const { run, group } = scanned;
  const { dataset, delivery } = run;
  const job: Omit<UnloadJob, 'split'> = {
    ...rowsOf(scanned, deps),
    ...partOf(kind, run),
    ...writtenForm(delivery),
    targetFileBytes: delivery.targetFileBytes,
    // Uploads copy every chunk into a part at once.
    chunks: 'reused',
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
  return deps.engine.unload(
    { ...job, split: splitOf(dataset.customerColumn, group) },
    async (index, stream, file) => {
      const recipient = group[index];
      if (recipient) await upload(recipient, stream, file);
    },
    signal,
  );
}

/** Has the rows remembered that the next run would read again: see `looksBack`. */
export function scanFingerprints(
  scanned: Scanned,
  memory: RowMemory,
  deps: RunDeps,
  signal: AbortSignal,
): Promise<UnloadResult> {
  const { run, group } = scanned;
  const { dataset, delivery } = run;
  const { window, ...rows } = rowsOf(scanned, deps);
  if (!window) throw new Error('Cannot look back without a window');
  const { customerColumn } = dataset;
  const remembered = windowToRemember(window, delivery.lookbackSeconds);
  return deps.engine.unload(
    {
      ...rows,
      window: { ...window, ...remembered },
      fingerprint: fingerprintColumns(run),
      format: 'csv',
      compression: 'none',
      csv: CsvForm.parse({ header: false }),
      split: customerColumn === null ? { type: 'all' } : splitOf(customerColumn, group),
    },
    async (index, stream) => {
      await memory.take(customerColumn === null ? group : group.slice(index, index + 1), stream);
    },
    signal,
  );
}

function splitOf(column: string, group: readonly RunRecipientWork[]): UnloadJob['split'] {
  return { type: 'byColumn', column, values: group.map(({ work }) => work.reference) };
}

/** Which rows a run is about. */
function rowsOf({ run, source, group, lookback }: Scanned, deps: RunDeps) {
  const { window } = neededRows(run, scannedWindow(group, lookback));
  return {
    source,
    filter: run.delivery.filter,
    ...expectedSchema(run),
    known: knownRowsOf(run, group, lookback, deps),
    ...(window && { window }),
  };
}

/** That of a run, and before it as far as it looks back. */
export function scannedWindow(
  [first]: readonly RunRecipientWork[],
  lookback: Lookback | undefined,
): Window | undefined {
  const window = first?.work.window;
  return window && { ...window, from: lookback?.since ?? window.from };
}

/** Which of them go into files of a kind, and what of them. */
function partOf(
  kind: FileKind,
  run: RunWork,
): Pick<UnloadJob, 'columns' | 'partitionBy' | 'deleted' | 'rowName'> {
  const { dataset, delivery } = run;
  const { deletedColumn: column, primaryKey } = dataset;
  const keep = kind === 'tombstones' ? 'deleted' : 'others';
  const deleted = column === null ? {} : { deleted: { column, keep } as const };
  if (kind === 'tombstones') return { ...deleted, columns: primaryKey };
  const { columns, partitionBy } = delivery;
  const rowName = positionColumn(run);
  if (rowName === null) return { ...deleted, columns, partitionBy };
  // That column is not sent.
  const own = (run.schema ?? dataset.schema).map(({ name }) => name);
  return { ...deleted, columns: columns ?? own, partitionBy, rowName };
}
