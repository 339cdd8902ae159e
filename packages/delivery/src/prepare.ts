import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { CausewayError } from '@causeway/contract';
import type { UnloadResult } from '@causeway/engine';
import { type PendingUpload, uploadStream } from '@causeway/objectstore';
import { broadcast } from './broadcast.ts';
import type { RunWork } from './journal.ts';
import { contentType, dataKey, fileExtension } from './object-keys.ts';
import type { RunRecipientWork } from './recipient.ts';
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
  const files = new Map(group.map((recipient) => [recipient, newFile(run, recipient, deps)]));
  const upload = (recipient: RunRecipientWork, stream: Readable) =>
    files.get(recipient)?.upload(stream, signal) ?? Promise.resolve();
  let result: UnloadResult;
  try {
    await checkVersion(run, group, deps);
    result = await scan(run, group, upload, deps, signal);
  } catch (error) {
    signal.throwIfAborted();
    await Promise.all(group.map((recipient) => recipient.fail(error)));
    return;
  }
  const rowsOf = (index: number) =>
    result.outputs[run.dataset.customerColumn === null ? 0 : index]?.rows ?? 0;
  await Promise.all(
    group.map((recipient, index) =>
      recipient.guard(async () => {
        signal.throwIfAborted();
        await files.get(recipient)?.seal(rowsOf(index));
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

/** One query over the source, its rows split by customer, or the same bytes for each. */
function scan(
  run: RunWork,
  group: readonly RunRecipientWork[],
  upload: (recipient: RunRecipientWork, stream: Readable) => Promise<void>,
  deps: RunDeps,
  signal: AbortSignal,
): Promise<UnloadResult> {
  const { dataset, delivery } = run;
  const window = group[0]?.work.window;
  const job = {
    source: dataset.source,
    format: delivery.format,
    compression: delivery.compression,
    // Uploads copy every chunk into a part at once.
    chunks: 'reused' as const,
    ...(delivery.mode === 'incremental' &&
      dataset.cursorColumn !== null &&
      window && { window: { cursorColumn: dataset.cursorColumn, ...window } }),
  };
  if (dataset.customerColumn === null) {
    return deps.engine.unload(
      { ...job, split: { type: 'all' } },
      async (_index, stream) => {
        const copies = group.length === 1 ? [stream] : broadcast(stream, group.length);
        await Promise.all(group.map((recipient, i) => upload(recipient, copies[i] ?? stream)));
      },
      signal,
    );
  }
  const values = group.map(({ work }) => work.reference);
  return deps.engine.unload(
    { ...job, split: { type: 'byColumn', column: dataset.customerColumn, values } },
    async (index, stream) => {
      const recipient = group[index];
      if (recipient) await upload(recipient, stream);
    },
    signal,
  );
}

/** The one file of a recipient: uploaded while the query runs, sealed when the query has ended well. */
function newFile(run: RunWork, recipient: RunRecipientWork, deps: RunDeps) {
  const { lease, delivery } = run;
  const key = dataKey(recipient.keys, 0, fileExtension(delivery.format));
  const token = randomUUID();
  let outcome: { upload: PendingUpload | null } | { error: unknown } | undefined;
  return {
    /** Never rejects: a consumer's failure is its own and must not end the query. */
    async upload(stream: Readable, signal: AbortSignal): Promise<void> {
      try {
        const upload = await uploadStream(recipient.open(), {
          key,
          stream,
          token,
          contentType: contentType(delivery.format),
          digester: deps.digester,
          onOpen: (uploadId) =>
            deps.journal.openUpload(lease, {
              customerId: recipient.customerId,
              fileIndex: 0,
              key,
              uploadId,
              token,
            }),
          onPart: (uploadId, part) => deps.journal.recordPart(lease, uploadId, part),
          signal,
        });
        outcome = { upload };
      } catch (error) {
        stream.destroy();
        outcome = { error };
      }
    },
    async seal(rows: number): Promise<void> {
      if (!outcome) throw new Error(`Cannot seal "${key}": it was never uploaded`);
      if ('error' in outcome) throw outcome.error;
      const { upload } = outcome;
      if (upload) {
        const { bytes, sha256 } = upload;
        await deps.journal.sealUpload(lease, upload.uploadId, { rows, bytes, sha256 });
      }
      await recipient.update({
        state: 'prepared',
        rows,
        bytes: upload?.bytes ?? 0,
        files: upload ? 1 : 0,
      });
      recipient.log('recipient:prepared', `${rows} rows`);
    },
  };
}
