import {
  CompleteMultipartUploadCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { CausewayError, type StoreGuarantees, writeOptionsOf } from '@causeway/contract';
import { writeHeaders } from '@causeway/objectstore';
import { type Attempt, attempt } from './attempt.ts';
import { bucketClient, bucketOf, type CheckContext, type Finding } from './check-context.ts';
import { abortUpload, probeKey, startUpload } from './start-upload.ts';

/** What is weaker where a store lacks it. */
const without: Readonly<Record<keyof StoreGuarantees, string>> = {
  conditionalComplete:
    'It does not decide on "If-None-Match" when an upload is completed: of two writers of one key within a moment, the later one wins',
  checksums:
    'It does not verify checksums of its own: Causeway signs the SHA-256 of every part instead',
  expectedBucketOwner:
    'It does not tell the owner of a bucket: one of the same name that somebody else makes later looks the same',
  namesGoneUploads: 'It does not say when an upload is gone: that looks like an outage',
};

/**
 * Tries what a store of another make does of AWS's promises, since many answer 200 to
 * what they do not do. All calls are under `_causeway/`; where deleting is not allowed, one
 * object of one byte remains, the same at each check.
 */
export async function probeStore(context: CheckContext): Promise<Finding> {
  const upload = await probeUpload(context);
  const seen: StoreGuarantees = {
    conditionalComplete: await refusesToReplace(context),
    checksums: upload.refusesWrongChecksum,
    expectedBucketOwner: await refusesOtherOwner(context),
    namesGoneUploads: upload.namesGone,
  };
  context.storeCapabilities = seen;
  const lacks = (Object.keys(without) as (keyof StoreGuarantees)[]).filter((name) => !seen[name]);
  if (lacks.length === 0) {
    return { verdict: 'passed', message: 'The store does all that Causeway asks of AWS' };
  }
  return {
    verdict: 'warned',
    side: 'customer',
    cause: 'store_lacks_guarantees',
    message: `The store lacks ${lacks.length} of ${Object.keys(without).length} guarantees that AWS gives; deliveries work with what there is`,
    notes: lacks.map((name) => without[name]),
  };
}

/** A wrong checksum must be refused, and an upload that was aborted must be called gone. */
async function probeUpload(
  context: CheckContext,
): Promise<{ readonly refusesWrongChecksum: boolean; readonly namesGone: boolean }> {
  const key = `${probeKey(context)}-checksum`;
  const headers = headersOf(context);
  const created = await tolerant(
    startUpload(context, key, { ...headers, ChecksumAlgorithm: 'CRC32' }),
  );
  const plain = created?.ok ? created : await startUpload(context, key, headers);
  if (!plain.ok) return { refusesWrongChecksum: false, namesGone: false };
  const uploadId = plain.value.UploadId;
  const wrong = await refusesChecksum(
    uploadPart(context, key, uploadId, { ChecksumCRC32: 'AAAAAA==' }),
  );
  const right = await tolerant(uploadPart(context, key, uploadId));
  await abortUpload(context, key, uploadId);
  const etag = right?.ok ? right.value.ETag : undefined;
  const gone = await tolerant(complete(context, key, uploadId, etag));
  return {
    refusesWrongChecksum: wrong,
    namesGone: gone?.ok === false && gone.code === 'NoSuchUpload',
  };
}

/**
 * Whether a wrong checksum is refused. Of other calls `BadDigest` says only that a request
 * did not arrive whole, so {@link attempt} takes it for no answer; here it is the one hoped for.
 */
async function refusesChecksum(call: Promise<Attempt<unknown>>): Promise<boolean> {
  try {
    const answer = await call;
    return !answer.ok && answer.evidence.status === 400;
  } catch (error) {
    if (!CausewayError.is(error, 'store_unavailable')) throw error;
    return error.cause instanceof Error && error.cause.name === 'BadDigest';
  }
}

/** Completes an upload where an object is already. */
async function refusesToReplace(context: CheckContext): Promise<boolean> {
  const { prefix } = context.connection;
  const key = `${prefix}_causeway/probe`;
  const client = bucketClient(context);
  const target = { ...bucketOf(context), Key: key };
  const headers = headersOf(context);
  const put = await tolerant(
    attempt('s3:PutObject', () =>
      client.send(new PutObjectCommand({ ...target, ...headers, Body: oneByte })),
    ),
  );
  if (!put?.ok) return false;
  const created = await startUpload(context, key, headers);
  if (!created.ok) return false;
  const uploadId = created.value.UploadId;
  const part = await tolerant(uploadPart(context, key, uploadId));
  const etag = part?.ok ? part.value.ETag : undefined;
  const completed = await tolerant(complete(context, key, uploadId, etag, '*'));
  if (!completed?.ok) await tolerant(abortUpload(context, key, uploadId));
  // A note at most when it is refused: the next check writes the same key.
  await tolerant(attempt('s3:DeleteObject', () => client.send(new DeleteObjectCommand(target))));
  return completed?.ok === false && completed.evidence.status === 412;
}

/** An account that no store has: AWS gives out none that begins with three zeros. */
const nobody = '000000000000';

async function refusesOtherOwner(context: CheckContext): Promise<boolean> {
  const { accountId, bucket, prefix } = context.connection;
  if (accountId === null) return false;
  const list = (owner: string) =>
    tolerant(
      attempt('s3:ListObjectsV2', () =>
        bucketClient(context).send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
            MaxKeys: 1,
            ExpectedBucketOwner: owner,
          }),
        ),
      ),
    );
  const [right, wrong] = await Promise.all([list(accountId), list(nobody)]);
  return right?.ok === true && wrong?.ok === false && wrong.evidence.status === 403;
}

/** As the connection's files are written. */
function headersOf({ connection }: CheckContext) {
  return writeHeaders(writeOptionsOf(connection));
}

const oneByte = new Uint8Array(1);

function uploadPart(
  context: CheckContext,
  key: string,
  uploadId: string | undefined,
  checksum: { readonly ChecksumCRC32?: string } = {},
) {
  const part = { Key: key, UploadId: uploadId, PartNumber: 1, Body: oneByte };
  return attempt('s3:UploadPart', () =>
    bucketClient(context).send(
      new UploadPartCommand({ ...bucketOf(context), ...part, ...checksum }),
    ),
  );
}

function complete(
  context: CheckContext,
  key: string,
  uploadId: string | undefined,
  etag: string | undefined,
  ifNoneMatch?: '*',
) {
  return attempt('s3:CompleteMultipartUpload', () =>
    bucketClient(context).send(
      new CompleteMultipartUploadCommand({
        ...bucketOf(context),
        Key: key,
        UploadId: uploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag: etag }] },
        ...(ifNoneMatch && { IfNoneMatch: ifNoneMatch }),
      }),
    ),
  );
}

/** Some stores answer with a 5xx to what they do not know: here that is an answer, too. */
function tolerant<T>(call: Promise<Attempt<T>>): Promise<Attempt<T> | null> {
  return call.catch((error: unknown) => {
    if (CausewayError.is(error, 'store_unavailable')) return null;
    throw error;
  });
}
