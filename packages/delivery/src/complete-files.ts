import type { JournaledUpload, RunJournal, RunWork } from './journal.ts';
import { contentType } from './object-keys.ts';
import type { RunRecipientWork } from './recipient.ts';
import { formOf } from './record-files.ts';

/** One by one, a thousand small files would take half a minute. */
export const filesAtATime = 8;

/** One customer's part of a run, as far as its files are concerned. */
export interface FilesOwner extends Pick<RunRecipientWork, 'log'> {
  readonly work: Pick<RunRecipientWork['work'], 'state'>;
  open(): Pick<ReturnType<RunRecipientWork['open']>, 'putObject' | 'completeMultipartUpload'>;
}

/**
 * Makes files visible, some at a time, and gives the ETag of each by upload. When it has failed,
 * nothing is under way any more: what is cleared away then must not become visible afterwards.
 */
export async function completeFiles(
  run: Pick<RunWork, 'lease' | 'delivery'>,
  recipient: FilesOwner,
  uploads: readonly JournaledUpload[],
  journal: Pick<RunJournal, 'completeUpload'>,
): Promise<ReadonlyMap<string, string>> {
  const etags = new Map(uploads.map(({ uploadId, etag }) => [uploadId, etag ?? '']));
  const open = uploads.filter(({ etag }) => etag === null);
  // Another worker may have been killed between sending and writing down that it had. They are begun
  // in order, each when one before is written down, so it can only be of the first of those that are not.
  const wasBegun = recipient.work.state === 'committing';
  const maybeSent = new Set(wasBegun ? open.slice(0, filesAtATime) : []);
  const next = open.values();
  let failure: { readonly error: unknown } | undefined;
  const completeInTurn = async () => {
    for (const upload of next) {
      if (failure) return;
      try {
        const etag = await complete(run, recipient, upload, maybeSent.has(upload));
        await journal.completeUpload(run.lease, upload.uploadId, etag);
        etags.set(upload.uploadId, etag);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: filesAtATime }, completeInTurn));
  if (failure) throw failure.error;
  return etags;
}

/** By completing its upload, or by writing the bytes that were kept. */
async function complete(
  { delivery }: Pick<RunWork, 'delivery'>,
  recipient: FilesOwner,
  upload: JournaledUpload,
  sentBefore: boolean,
): Promise<string> {
  const { key, kind, token, body } = upload;
  const type = contentType(formOf(kind, delivery));
  const bucket = recipient.open();
  const { etag, proof } = body
    ? await bucket.putObject({ key, token, body, contentType: type, sentBefore })
    : await bucket.completeMultipartUpload({ ...upload, sentBefore });
  if (proof === 'unverified') recipient.log('recipient:unverified', upload.key);
  return etag;
}
