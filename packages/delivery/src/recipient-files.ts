import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FileCounts, OutputFile } from '@causeway/engine';
import {
  type PendingUpload,
  planPartSize,
  smallestPartSizeBytes,
  type UploadTarget,
  uploadStream,
} from '@causeway/objectstore';
import type { FileKind, RunWork } from './journal.ts';
import type { LaggardWatch } from './laggards.ts';
import { contentType, dataKey, fileExtension, tombstonesKey } from './object-keys.ts';
import { partitionPath } from './partition-path.ts';
import type { RunRecipientWork } from './recipient.ts';
import type { RunDeps } from './run-deps.ts';

/** The files of one kind of one recipient: uploaded while the query runs, sealed when it has ended well. */
export interface RecipientFiles {
  /**
   * Sends a file, and resolves when its stream is read: its last parts may be under way
   * still. Never rejects: a recipient's failure is its own and must not end the query.
   */
  upload(stream: Readable, file: OutputFile, signal: AbortSignal): Promise<void>;
  /** Resolves when no upload is under way any more. Never rejects. */
  settled(): Promise<void>;
  /**
   * Writes down what each file holds, by number, and tells the sum. Once all is settled.
   *
   * @throws Whatever ended one of the uploads.
   */
  seal(files: readonly FileCounts[]): Promise<FileCounts & { readonly files: number }>;
}

/** Files that were read and whose last parts are under way: more of them pile up on disk. */
const mostTrailingFiles = 4;

export function recipientFiles(
  kind: FileKind,
  run: RunWork,
  recipient: RunRecipientWork,
  deps: RunDeps,
  scan: ScanShare,
): RecipientFiles {
  const uploads = new Map<number, PendingUpload>();
  const underWay = new Set<Promise<void>>();
  const trailing = new Set<Promise<void>>();
  const { laggards } = scan;
  let failure: { readonly error: unknown } | undefined;
  const send = async (stream: Readable, file: OutputFile, signal: AbortSignal) => {
    try {
      // What follows a file that could not be sent is of no use.
      if (failure) return;
      const upload = await sendFile(run, recipient, deps, { kind, stream, file, signal, scan });
      if (upload) uploads.set(file.number, upload);
    } catch (error) {
      failure ??= { error };
    } finally {
      stream.destroy();
    }
  };
  return {
    async upload(stream, file, signal) {
      const read = closed(stream);
      while (trailing.size >= mostTrailingFiles) {
        laggards.heldUp(recipient, true);
        await Promise.race(trailing);
        laggards.heldUp(recipient, false);
      }
      const sending = send(stream, file, signal).finally(() => {
        underWay.delete(sending);
        trailing.delete(sending);
      });
      underWay.add(sending);
      await read;
      if (underWay.has(sending)) trailing.add(sending);
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async seal(files) {
      if (failure) throw failure.error;
      for (const [file, { rows }] of files.entries()) {
        const upload = uploads.get(file);
        if (!upload) throw new Error(`Cannot seal file ${file}: it was never uploaded`);
        const { uploadId, bytes, sha256 } = upload;
        await deps.journal.sealUpload(run.lease, uploadId, { rows, bytes, sha256 });
      }
      if (uploads.size !== files.length) throw new Error('Cannot seal: there are more files');
      const rows = files.reduce((sum, counts) => sum + counts.rows, 0);
      const bytes = files.reduce((sum, counts) => sum + counts.bytes, 0);
      return { rows, bytes, files: files.length };
    },
  };
}

function closed(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) resolve();
    else stream.once('close', resolve);
  });
}

/** What a recipient has in common with the others of its scan. */
export interface ScanShare {
  readonly recipients: number;
  readonly laggards: LaggardWatch<RunRecipientWork>;
  /** Lets only so many uploads begin at once. */
  readonly begin: <T>(act: () => Promise<T>) => Promise<T>;
}

/** With more recipients than this their parts are the smallest that S3 takes. */
const fewRecipients = 8;

interface FileToSend {
  readonly kind: FileKind;
  readonly stream: Readable;
  readonly file: OutputFile;
  readonly signal: AbortSignal;
  readonly scan: ScanShare;
}

function sendFile(
  { lease, delivery }: RunWork,
  recipient: RunRecipientWork,
  { digester, journal, partMemory }: RunDeps,
  { kind, stream, file, signal, scan }: FileToSend,
): Promise<PendingUpload | null> {
  const { customerId } = recipient;
  const keyOf = kind === 'data' ? dataKey : tombstonesKey;
  const key = keyOf(recipient.keys, {
    index: file.number,
    extension: fileExtension(delivery),
    partition: kind === 'data' ? partitionPath(delivery.partitionBy, file.partition) : '',
  });
  const token = randomUUID();
  const { laggards, begin } = scan;
  const bucket = recipient.open();
  const target: UploadTarget = {
    ...bucket,
    createMultipartUpload: (input) => begin(() => bucket.createMultipartUpload(input)),
  };
  return uploadStream(target, {
    key,
    stream,
    token,
    contentType: contentType(delivery),
    digester,
    memory: partMemory,
    partSizeBytes:
      scan.recipients > fewRecipients
        ? smallestPartSizeBytes
        : planPartSize(delivery.targetFileBytes),
    onOpen: (uploadId) =>
      journal.openUpload(lease, { customerId, kind, fileIndex: file.number, key, uploadId, token }),
    onPart: (uploadId, part) => journal.recordPart(lease, uploadId, part),
    onProgress: (bytes) => laggards.sent(recipient, bytes),
    onHeldUp: (isHeldUp) => laggards.heldUp(recipient, isHeldUp),
    signal: AbortSignal.any([signal, laggards.signalOf(recipient)]),
  });
}
