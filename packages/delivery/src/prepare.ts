import type { Readable } from 'node:stream';
import { CausewayError } from '@causeway/contract';
import type { UnloadResult } from '@causeway/engine';
import { broadcast } from './broadcast.ts';
import type { RunWork } from './journal.ts';
import type { RunRecipientWork } from './recipient.ts';
import { recipientFiles } from './recipient-files.ts';
import type { RunDeps } from './run-deps.ts';

/**
 * Uploads every recipient's rows without making anything visible. Recipients that
 * share a window share one scan of the source.
 *
 * A recipient whose upload fails is marked failed and the others go on; a query
 * that fails fails them all.
 */
export async function prepareRecipients(
  run: RunWork,
  recipients: readonly RunRecipientWork[],
  deps: RunDeps,
  signal: AbortSignal,
): Promise<void> {
  const byWindow = Map.groupBy(recipients, ({ work }) => JSON.stringify(work.window));
  for (const group of byWindow.values()) {
    await Promise.all(group.map((recipient) => recipient.update({ state: 'preparing' })));
    await prepareGroup(run, group, deps, signal);
  }
}

async function prepareGroup(
  run: RunWork,
  group: readonly RunRecipientWork[],
  deps: RunDeps,
  signal: AbortSignal,
): Promise<void> {
  const files = new Map(
    group.map((recipient) => [recipient, recipientFiles(run, recipient, deps)]),
  );
  const upload: UploadFile = (recipient, stream, file) =>
    files.get(recipient)?.upload(stream, file, signal) ?? Promise.resolve();
  let result: UnloadResult;
  try {
    await checkVersion(run, group, deps);
    result = await scan(run, group, upload, deps, signal);
  } catch (error) {
    signal.throwIfAborted();
    await Promise.all(group.map((recipient) => recipient.fail(error)));
    return;
  }
  const countsOf = (index: number) =>
    result.files[run.dataset.customerColumn === null ? 0 : index] ?? [];
  await Promise.all(
    group.map((recipient, index) =>
      recipient.guard(async () => {
        signal.throwIfAborted();
        await files.get(recipient)?.seal(countsOf(index));
      }),
    ),
  );
}

/** The window of a full delivery is the version of its source: the manifest must not name another. */
async function checkVersion(
  run: RunWork,
  group: readonly RunRecipientWork[],
  deps: RunDeps,
): Promise<void> {
  const { source } = run.dataset;
  if (run.delivery.mode !== 'full') return;
  const version = await deps.sourceVersion(source);
  if (group.every(({ work }) => Date.parse(work.window.to) === version.getTime())) return;
  const reason = 'it changed since the run was made: start another run';
  throw new CausewayError('source_not_readable', { path: source.path, reason });
}

/** Sends file number `file` of a recipient. Never rejects. */
type UploadFile = (recipient: RunRecipientWork, stream: Readable, file: number) => Promise<void>;

/** One query over the source, its rows split by customer, or the same bytes for each. */
function scan(
  run: RunWork,
  group: readonly RunRecipientWork[],
  upload: UploadFile,
  deps: RunDeps,
  signal: AbortSignal,
): Promise<UnloadResult> {
  const { dataset, delivery } = run;
  const window = group[0]?.work.window;
  const job = {
    source: dataset.source,
    format: delivery.format,
    compression: delivery.compression,
    csv: delivery.csv,
    targetFileBytes: delivery.targetFileBytes,
    // Uploads copy every chunk into a part at once.
    chunks: 'reused' as const,
    ...(delivery.mode === 'incremental' &&
      dataset.cursorColumn !== null &&
      window && { window: { cursorColumn: dataset.cursorColumn, ...window } }),
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
