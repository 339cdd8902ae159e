import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FileCounts, OutputFile } from '@causeway/engine';
import { type PendingUpload, uploadStream } from '@causeway/objectstore';
import type { RunWork } from './journal.ts';
import { contentType, dataKey, fileExtension } from './object-keys.ts';
import { partitionPath } from './partition-path.ts';
import type { RunRecipientWork } from './recipient.ts';
import type { RunDeps } from './run-deps.ts';

/** The files of one recipient: uploaded while the query runs, sealed when it has ended well. */
export interface RecipientFiles {
  /** Never rejects: a recipient's failure is its own and must not end the query. */
  upload(stream: Readable, file: OutputFile, signal: AbortSignal): Promise<void>;
  /**
   * Writes down what each file holds, by number.
   *
   * @throws Whatever ended one of the uploads.
   */
  seal(files: readonly FileCounts[]): Promise<void>;
}

export function recipientFiles(
  run: RunWork,
  recipient: RunRecipientWork,
  deps: RunDeps,
): RecipientFiles {
  const uploads = new Map<number, PendingUpload>();
  let failure: { readonly error: unknown } | undefined;
  return {
    async upload(stream, file, signal) {
      try {
        // What follows a file that could not be sent is of no use.
        if (failure) return;
        const upload = await sendFile(run, recipient, deps, { stream, file, signal });
        if (upload) uploads.set(file.number, upload);
      } catch (error) {
        failure ??= { error };
      } finally {
        stream.destroy();
      }
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
      await recipient.update({ state: 'prepared', rows, bytes, files: files.length });
      recipient.log('recipient:prepared', `${rows} rows`);
    },
  };
}

interface FileToSend {
  readonly stream: Readable;
  readonly file: OutputFile;
  readonly signal: AbortSignal;
}

function sendFile(
  { lease, delivery }: RunWork,
  recipient: RunRecipientWork,
  { digester, journal }: RunDeps,
  { stream, file, signal }: FileToSend,
): Promise<PendingUpload | null> {
  const { customerId } = recipient;
  const key = dataKey(recipient.keys, {
    index: file.number,
    extension: fileExtension(delivery),
    partition: partitionPath(delivery.partitionBy, file.partition),
  });
  const token = randomUUID();
  return uploadStream(recipient.open(), {
    key,
    stream,
    token,
    contentType: contentType(delivery),
    digester,
    onOpen: (uploadId) =>
      journal.openUpload(lease, { customerId, fileIndex: file.number, key, uploadId, token }),
    onPart: (uploadId, part) => journal.recordPart(lease, uploadId, part),
    signal,
  });
}
