import type { ObjectRecord } from '../state/records.ts';
import type { Change } from '../state/table.ts';
import { placeOf } from './find-object.ts';
import { expirationHeader } from './lifecycle/expiration-header.ts';
import { noSuchBucket } from './s3-error.ts';
import type { S3Request } from './s3-operation.ts';
import { addVersion, changeObjects } from './versions/change-objects.ts';
import type { ObjectEventName } from './versions/object-event.ts';
import { versionHeader } from './versions/version-id.ts';
import { versionIdOf } from './versions/version-rows.ts';

/** An object that is about to become visible; its version id is given then. */
export type NewObject = Omit<ObjectRecord, 'versionId'>;

/** By the operation that makes an object. */
const events: Readonly<Record<string, ObjectEventName>> = {
  PutObject: 'ObjectCreated:Put',
  PostObject: 'ObjectCreated:Post',
  CopyObject: 'ObjectCreated:Copy',
  CompleteMultipartUpload: 'ObjectCreated:CompleteMultipartUpload',
};

/** What the answer to an upload says of the object's version and end. */
export function storedHeaders(
  { world, target }: S3Request,
  stored: ObjectRecord,
): Record<string, string> {
  const bucket = world.state.buckets.get(target.bucket ?? '');
  return {
    ...versionHeader(bucket, stored),
    ...expirationHeader(bucket, target.key ?? '', stored),
  };
}

/**
 * Makes an object visible under the request's key, on top of the versions that
 * are kept there or in place of one that is not, together with whatever else
 * changes by that.
 *
 * @throws AwsError `NoSuchBucket` when the bucket went away while the body came in.
 */
export function storeObject(
  request: S3Request,
  object: NewObject,
  also: (stored: ObjectRecord) => readonly Change[] = () => [],
): ObjectRecord {
  const { world } = request;
  const place = placeOf(request);
  const bucket = world.state.buckets.get(place.bucket);
  if (!bucket) throw noSuchBucket(place.bucket);
  const stored: ObjectRecord = {
    ...object,
    ...(bucket.versioning === 'Enabled' && { versionId: world.versionIds.next() }),
  };
  const event = {
    name: events[request.call.record.operation ?? ''] ?? 'ObjectCreated:Put',
    bucket,
    key: place.key,
    versionId: versionIdOf(stored),
    object: stored,
    at: new Date(stored.modifiedAt),
    request,
  };
  changeObjects(world, addVersion(world.state, place, stored), event, ...also(stored));
  return stored;
}
