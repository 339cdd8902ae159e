import type { PartRecord, UploadRecord } from '../state/records.ts';
import type { State } from '../state/state.ts';
import type { Change } from '../state/table.ts';
import type { World } from '../world.ts';
import { etagOf } from './encryption/encryption-headers.ts';
import type { ReceivedBytes } from './receive-body.ts';
import { invalidArgument, noSuchUpload } from './s3-error.ts';
import { objectArn, type S3Operation, type S3Request } from './s3-operation.ts';

const maxPartNumber = 10_000;

/**
 * The upload that a request names, completed or not.
 *
 * @throws AwsError `NoSuchUpload` also when it is one of another key.
 */
export function findUpload(request: S3Request): UploadRecord {
  const uploadId = request.call.incoming.query.get('uploadId') ?? '';
  const upload = request.world.state.uploads.get(uploadId);
  const { bucket, key } = request.target;
  if (!upload || upload.bucket !== bucket || upload.key !== key) throw noSuchUpload(uploadId);
  return upload;
}

/** @throws AwsError `NoSuchUpload` also when it is completed. */
export function findOpenUpload(request: S3Request): UploadRecord {
  const upload = findUpload(request);
  if (upload.completed) throw noSuchUpload(upload.id);
  return upload;
}

export function readPartNumber({ call }: S3Request): number {
  const value = call.incoming.query.get('partNumber') ?? '';
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= 1 && number <= maxPartNumber) return number;
  throw invalidArgument(
    'partNumber',
    value,
    `Part number must be an integer between 1 and ${maxPartNumber}, inclusive`,
  );
}

/** The key of a part among the parts, in the order of part numbers. */
function partKey(uploadId: string, number: number): string {
  return `${uploadId}/${String(number).padStart(5, '0')}`;
}

export function partsOf(state: State, uploadId: string): PartRecord[] {
  return [...state.parts.under(`${uploadId}/`)];
}

export function removeParts(state: State, uploadId: string): Change[] {
  return [...state.parts.keysUnder(`${uploadId}/`)].map((key) => state.parts.remove(key));
}

/**
 * A demand on the object of an upload. Parts and completions carry no headers about
 * the object, so what the upload's creation said counts for them, too: a policy that
 * asks for a canned list or for encryption holds for an upload as a whole.
 */
export function onUpload(action: string): S3Operation['demands'] {
  return ({ call, target, world }) => {
    const upload = world.state.uploads.get(call.incoming.query.get('uploadId') ?? '');
    const isOfTarget = upload?.bucket === target.bucket && upload?.key === target.key;
    return [
      {
        action,
        resource: objectArn(target.bucket ?? '', target.key ?? ''),
        ...(isOfTarget && upload?.context && { context: upload.context }),
      },
    ];
  };
}

/** Forgets an upload and its parts. */
export function abortUpload({ state, blobs }: World, { id }: UploadRecord): void {
  const doomed = partsOf(state, id).map((part) => part.blob);
  state.commit(state.uploads.remove(id), ...removeParts(state, id));
  blobs.remove(doomed);
}

/**
 * Makes received bytes a part of an upload, in place of one of the same number.
 *
 * @throws AwsError `NoSuchUpload` when it was completed or aborted while the bytes came in.
 */
export function keepPart(
  request: S3Request,
  { id, encryption }: UploadRecord,
  number: number,
  { part, md5, checksum }: ReceivedBytes,
): PartRecord {
  const { state, blobs, now } = request.world;
  findOpenUpload(request);
  const key = partKey(id, number);
  const replaced = state.parts.get(key);
  const etag = etagOf(md5, encryption);
  const record = { ...part, number, md5: etag, modifiedAt: now().toISOString(), checksum };
  state.commit(state.parts.put(key, record));
  if (replaced) blobs.remove([replaced.blob]);
  return record;
}
