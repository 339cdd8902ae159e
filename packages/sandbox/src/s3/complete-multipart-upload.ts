import { AwsError } from '../http/aws-error.ts';
import type { Reply } from '../http/reply.ts';
import { text } from '../http/xml.ts';
import type {
  CompletedUpload,
  ObjectPart,
  ObjectRecord,
  PartRecord,
  UploadRecord,
} from '../state/records.ts';
import { checksumHeader } from './checksums/checksum.ts';
import { chosenParts } from './chosen-parts.ts';
import { checksumOfParts, etagOfParts } from './combine-parts.ts';
import { encryptionHeaders } from './encryption/encryption-headers.ts';
import { mustOpenUpload } from './encryption/open-encrypted.ts';
import { visibleObject } from './find-object.ts';
import { expirationHeader } from './lifecycle/expiration-header.ts';
import { checkWritePreconditions } from './preconditions.ts';
import type { S3Operation, S3Request } from './s3-operation.ts';
import { xmlReply } from './s3-xml.ts';
import { storeObject } from './store-object.ts';
import { findUpload, onUpload, partsOf, removeParts } from './uploads.ts';
import { versionHeader } from './versions/version-id.ts';

/**
 * No bytes move: the object becomes the list of its part files. A completion that
 * is repeated finds the upload's record and is answered as the first one was,
 * unless its conditions fail against the object that the first one made.
 */
export const completeMultipartUpload: S3Operation = {
  name: 'CompleteMultipartUpload',
  body: 'part_list',
  needsBucket: true,
  demands: onUpload('s3:PutObject'),
  run: (request) => {
    const { incoming } = request.call;
    const { state } = request.world;
    const upload = findUpload(request);
    checkWritePreconditions(incoming, request.target.key ?? '', visibleObject(request));
    if (upload.completed) return completedReply(request, upload, upload.completed);
    const parts = chosenParts(request.document, upload, partsOf(state, upload.id));
    checkSize(request, parts);
    const completed: CompletedUpload = {
      at: request.world.now().toISOString(),
      etag: etagOfParts(parts),
      checksum: checksumOfParts(parts, upload.checksum),
    };
    // What is said of the content takes the right to it; S3 asks when a checksum was asked for.
    if (upload.checksum) mustOpenUpload(request, upload);
    checkChecksum(request, completed);
    return completedReply(request, upload, assemble(request, upload, parts, completed));
  },
};

function assemble(
  request: S3Request,
  upload: UploadRecord,
  parts: readonly PartRecord[],
  completed: CompletedUpload,
): CompletedUpload {
  const { state, blobs } = request.world;
  const kept = new Set(parts.map((part) => part.blob));
  const unused = partsOf(state, upload.id).filter((part) => !kept.has(part.blob));
  const finished = (stored: ObjectRecord): CompletedUpload =>
    stored.versionId === undefined ? completed : { ...completed, versionId: stored.versionId };
  const stored = storeObject(
    request,
    {
      etag: completed.etag,
      bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
      modifiedAt: completed.at,
      headers: upload.headers,
      checksum: completed.checksum,
      parts: parts.map((part) => objectPart(part, upload)),
      multipart: true,
      ...(upload.access && { access: upload.access }),
      ...(upload.encryption && { encryption: upload.encryption }),
      ...(upload.tags && { tags: upload.tags }),
      ...(upload.lock && { lock: upload.lock }),
    },
    (object) => [
      state.uploads.put(upload.id, { ...upload, completed: finished(object) }),
      ...removeParts(state, upload.id),
    ],
  );
  blobs.remove(unused.map((part) => part.blob));
  return finished(stored);
}

/** Parts keep the checksums that their upload asked for. */
function objectPart({ blob, bytes, checksum }: PartRecord, upload: UploadRecord): ObjectPart {
  return { blob, bytes, ...(upload.checksum && checksum && { checksum: checksum.value }) };
}

function checkSize(request: S3Request, parts: readonly PartRecord[]): void {
  const sent = request.call.incoming.headers.get('x-amz-mp-object-size');
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (sent === undefined || Number(sent) === bytes) return;
  throw new AwsError(
    400,
    'InvalidRequest',
    `The provided 'x-amz-mp-object-size' header value ${sent} does not match what was computed: ${bytes}`,
  );
}

function checkChecksum(request: S3Request, { checksum }: CompletedUpload): void {
  if (!checksum) return;
  const sent = request.call.incoming.headers.get(checksumHeader(checksum.algorithm));
  if (sent === undefined || sent.replace(/-\d+$/, '') === checksum.value.replace(/-\d+$/, ''))
    return;
  throw new AwsError(
    400,
    'BadDigest',
    `The ${checksum.algorithm.toLowerCase()} you specified did not match the calculated checksum.`,
  );
}

function completedReply(
  request: S3Request,
  { encryption }: UploadRecord,
  completed: CompletedUpload,
): Reply {
  const { call, target, bucket } = request;
  const { checksum } = completed;
  const object = visibleObject(request);
  const host = call.incoming.headers.get('host') ?? 's3.localhost';
  const path = target.virtualHost ? `/${target.key}` : `/${target.bucket}/${target.key}`;
  const reply = xmlReply('CompleteMultipartUploadResult', [
    text('Location', `${call.incoming.scheme}://${host}${encodeURI(path)}`),
    text('Bucket', target.bucket),
    text('Key', target.key),
    text('ETag', `"${completed.etag}"`),
    ...(checksum
      ? [
          text(checksumElement(checksum.algorithm), checksum.value),
          text('ChecksumType', checksum.type),
        ]
      : []),
  ]);
  return {
    ...reply,
    headers: {
      ...reply.headers,
      ...encryptionHeaders(encryption),
      ...versionHeader(bucket, completed),
      ...(object && expirationHeader(bucket, target.key ?? '', object)),
    },
  };
}

function checksumElement(algorithm: string): string {
  return `Checksum${algorithm}`;
}
