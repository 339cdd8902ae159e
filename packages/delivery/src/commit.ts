import { createHash } from 'node:crypto';
import {
  type ManifestFile,
  sentColumns,
  sentKey,
  type UnsignedManifest,
  type Window,
} from '@causeway/contract';
import { completeFiles } from './complete-files.ts';
import type {
  CommitPosition,
  FileKind,
  JournaledUpload,
  Lookback,
  ReplacedFile,
  RunWork,
  StoredManifest,
} from './journal.ts';
import { looksBack } from './lookback.ts';
import { manifestKey } from './object-keys.ts';
import type { RunRecipientWork } from './recipient.ts';
import { writtenForm } from './record-files.ts';
import { removeReplaced, replacedFiles } from './remove-replaced.ts';
import type { RunDeps } from './run-deps.ts';
import { signManifest } from './signature.ts';
import { weakerGuarantees } from './weaker-guarantees.ts';

/**
 * Makes one recipient's delivery visible: completes its uploads and writes its small files,
 * then the manifest. Every step is in the journal before or after it is taken and safe to
 * repeat, so that a worker without the data can finish what another began.
 */
export async function commitRecipient(
  run: RunWork,
  recipient: RunRecipientWork,
  deps: RunDeps,
): Promise<void> {
  const { lease } = run;
  const bucket = recipient.open();
  const position = await deps.journal.beginCommit(lease, recipient.customerId, deps.now());
  recipient.progress = 'committing';
  recipient.log('recipient:committing', `sequence ${position.sequence}`);
  // What was prepared in this process is in the journal only: read it all from there.
  const uploads = await deps.journal.uploadsOf(lease, recipient.customerId);
  const etags = await completeFiles(run, recipient, uploads, deps.journal);
  // What was delivered of the same window stays: this brings nothing in its place.
  const replaced = recipient.sendsKeysOnly ? [] : await replacedFiles(run, recipient, deps);
  const { customerId } = recipient;
  const lookback =
    looksBack(run) && !recipient.sendsKeysOnly
      ? (await deps.journal.lookbacks(lease, [customerId])).get(customerId)
      : undefined;
  const manifest =
    recipient.work.manifest ??
    newManifest(run, recipient, { position, uploads, etags, replaced, lookback }, deps);
  await deps.journal.recordManifest(lease, recipient.customerId, manifest);
  const body = Buffer.from(manifest.body);
  recipient.manifestMayBeSent = true;
  const { proof } = await bucket.putObject({
    key: manifest.key,
    body,
    contentType: 'application/json',
    token: createHash('sha256').update(body).digest('hex').slice(0, 32),
    sentBefore: recipient.work.manifest !== null,
  });
  if (proof === 'unverified') recipient.log('recipient:unverified', manifest.key);
  await recipient.sweepStrays();
  await recipient.abortLeft();
  const warning = await removeReplaced(run, recipient, { files: replaced, proof }, deps);
  await recipient.settle('delivered', warning === null ? {} : { warning });
}

interface Committed {
  readonly position: CommitPosition;
  readonly uploads: readonly JournaledUpload[];
  readonly etags: ReadonlyMap<string, string>;
  readonly replaced: readonly ReplacedFile[];
  readonly lookback: Lookback | undefined;
}

function newManifest(
  run: RunWork,
  recipient: RunRecipientWork,
  { position, uploads, etags, replaced, lookback }: Committed,
  deps: RunDeps,
): StoredManifest {
  const files = filesOf('data', uploads, etags);
  const manifest: UnsignedManifest = {
    version: 1,
    runId: run.lease.runId,
    deliveryId: run.delivery.id,
    dataset: run.dataset.name,
    customer: recipient.customerId,
    mode: run.delivery.mode,
    window: windowOf(recipient),
    ...(lookback?.since && { lookback: { from: lookback.since } }),
    sequence: position.sequence,
    previousRunId: position.previousRunId,
    startedAt: run.createdAt.toISOString(),
    completedAt: position.committedAt.toISOString(),
    format: writtenForm(run.delivery).format,
    compression: run.delivery.compression,
    layout: { prefix: recipient.keys.prefix, keyTemplate: recipient.keys.keyTemplate },
    ...(run.delivery.csv && { csv: run.delivery.csv }),
    schema: [...sentColumns(run.schema ?? run.dataset.schema, run.delivery.columns)],
    primaryKey: sentKey(run.dataset.primaryKey, run.delivery.columns),
    rows: files.reduce((sum, file) => sum + file.rows, 0),
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    files,
    tombstones: filesOf('tombstones', uploads, etags),
    ...(replaced.length > 0 && { replaces: [...new Set(replaced.map(({ runId }) => runId))] }),
    ...weakerGuarantees(recipient.open().capabilities),
  };
  const signed = signManifest(manifest, deps.signingKey);
  return { key: manifestKey(recipient.keys), body: `${JSON.stringify(signed, null, 2)}\n` };
}

/** One without rows of the source is empty, so that nobody takes it for all that there is. */
function windowOf({ sendsKeysOnly, work: { window } }: RunRecipientWork): Window {
  return sendsKeysOnly ? { from: window.to, to: window.to } : window;
}

function filesOf(
  kind: FileKind,
  uploads: readonly JournaledUpload[],
  etags: ReadonlyMap<string, string>,
): ManifestFile[] {
  return uploads
    .filter((upload) => upload.kind === kind)
    .map(({ key, uploadId, sealed }) => {
      if (!sealed) throw new Error(`Cannot commit "${key}": it is not sealed`);
      const { rows, bytes, sha256 } = sealed;
      return { key, rows, bytes, sha256, etag: etags.get(uploadId) ?? '' };
    });
}
