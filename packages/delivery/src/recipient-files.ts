import { createHash, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FileCounts, OutputFile } from '@causeway/engine';
import {
  type PendingUpload,
  planPartSize,
  smallestPartSizeBytes,
  type UploadTarget,
  uploadStream,
} from '@causeway/objectstore';
import type { FileKind, KeptFile, RunWork } from './journal.ts';
import type { LaggardWatch } from './laggards.ts';
import { contentType, dataKey, fileExtension, tombstonesKey } from './object-keys.ts';
import { partitionPath } from './partition-path.ts';
import type { RunRecipientWork } from './recipient.ts';
import { formOf } from './record-files.ts';
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
/** The same of files of a record each, which are small. */
const mostTrailingRecords = 16;

export function recipientFiles(
  kind: FileKind,
  run: RunWork,
  recipient: RunRecipientWork,
  deps: RunDeps,
  scan: ScanShare,
): RecipientFiles {
  const uploads = new Map<number, PendingUpload>();
  const kept = new Map<number, NewFile & { readonly body: Buffer }>();
  const underWay = new Set<Promise<void>>();
  const trailing = new Set<Promise<void>>();
  const { laggards } = scan;
  const mostTrailing = run.delivery.filePerRecord ? mostTrailingRecords : mostTrailingFiles;
  let failure: { readonly error: unknown } | undefined;
  const send = async (stream: Readable, file: OutputFile, signal: AbortSignal) => {
    try {
      // What follows a file that could not be sent is of no use.
      if (failure) return;
      const made = newFile(kind, run, recipient, file);
      const keep = (body: Buffer) => {
        if (!scan.mayKeep(body.byteLength)) return false;
        kept.set(file.number, { ...made, body });
        return true;
      };
      const upload = await sendFile(run, recipient, deps, { made, stream, keep, signal, scan });
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
      while (trailing.size >= mostTrailing) {
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
      if (uploads.size + kept.size !== files.length) {
        throw new Error('Cannot seal: not as many files were sent as were written');
      }
      const sealings = files.map(async ({ rows }, file) => {
        const small = kept.get(file);
        if (small) return deps.journal.keepFile(run.lease, sealed(small, rows));
        const upload = uploads.get(file);
        if (!upload) throw new Error(`Cannot seal file ${file}: it was never uploaded`);
        const { uploadId, bytes, sha256 } = upload;
        return deps.journal.sealUpload(run.lease, uploadId, { rows, bytes, sha256 });
      });
      // Whoever clears away what was written must find nothing that is still being written.
      await Promise.allSettled(sealings);
      await Promise.all(sealings);
      kept.clear();
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

/** What is known of a file before its first byte. */
type NewFile = Pick<KeptFile, 'customerId' | 'kind' | 'fileIndex' | 'key' | 'token'>;

function newFile(
  kind: FileKind,
  { delivery }: RunWork,
  { customerId, keys }: RunRecipientWork,
  file: OutputFile,
): NewFile {
  const keyOf = kind === 'data' ? dataKey : tombstonesKey;
  const key = keyOf(keys, {
    index: file.number,
    extension: fileExtension(formOf(kind, delivery)),
    partition: kind === 'data' ? partitionPath(delivery.partitionBy, file.partition) : '',
    position: file.rowName,
  });
  return { customerId, kind, fileIndex: file.number, key, token: randomUUID() };
}

function sealed(file: NewFile & { readonly body: Buffer }, rows: number): KeptFile {
  const sha256 = createHash('sha256').update(file.body).digest('hex');
  return { ...file, rows, bytes: file.body.byteLength, sha256 };
}

/** What a recipient has in common with the others of its scan. */
export interface ScanShare {
  readonly recipients: number;
  readonly laggards: LaggardWatch<RunRecipientWork>;
  /** Lets only so many uploads begin at once. */
  readonly begin: <T>(act: () => Promise<T>) => Promise<T>;
  /** Takes so many bytes of what a run may keep of small files in the journal. */
  readonly mayKeep: (bytes: number) => boolean;
}

/** With more recipients than this their parts are the smallest that S3 takes. */
const fewRecipients = 8;

interface FileToSend {
  readonly made: NewFile;
  readonly stream: Readable;
  readonly keep: (body: Buffer) => boolean;
  readonly signal: AbortSignal;
  readonly scan: ScanShare;
}

function sendFile(
  { lease, delivery }: RunWork,
  recipient: RunRecipientWork,
  { digester, journal, partMemory, smallFileBytes }: RunDeps,
  { made, stream, keep, signal, scan }: FileToSend,
): Promise<PendingUpload | null> {
  const { laggards, begin } = scan;
  const bucket = recipient.open();
  const target: UploadTarget = {
    ...bucket,
    createMultipartUpload: (input) => begin(() => bucket.createMultipartUpload(input)),
  };
  const { key, token } = made;
  return uploadStream(target, {
    key,
    stream,
    token,
    contentType: contentType(formOf(made.kind, delivery)),
    digester,
    memory: partMemory,
    partSizeBytes:
      scan.recipients > fewRecipients
        ? smallestPartSizeBytes
        : planPartSize(delivery.targetFileBytes),
    // Elsewhere an object that was written in one request might replace another's.
    ...(bucket.capabilities.conditionalComplete && { small: { upToBytes: smallFileBytes, keep } }),
    onOpen: (uploadId) => journal.openUpload(lease, { ...made, uploadId }),
    onPart: (uploadId, part) => journal.recordPart(lease, uploadId, part),
    onProgress: (bytes) => laggards.sent(recipient, bytes),
    onHeldUp: (isHeldUp) => laggards.heldUp(recipient, isHeldUp),
    signal: AbortSignal.any([signal, laggards.signalOf(recipient)]),
  });
}
