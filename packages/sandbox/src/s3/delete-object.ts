import type { Reply } from '../http/reply.ts';
import { visibleObject } from './find-object.ts';
import { mustNotBeLocked } from './locks/object-lock.ts';
import { checkWritePreconditions } from './preconditions.ts';
import { bucketOf, onVersion, type S3Operation, type S3Request } from './s3-operation.ts';
import { type Deletion, deleteKey, deleteVersion } from './versions/delete-version.ts';
import { readVersionId } from './versions/version-id.ts';
import { findVersion, isDeleteMarker, type Place } from './versions/version-rows.ts';

export const deleteObject: S3Operation = {
  name: 'DeleteObject',
  body: 'none',
  needsBucket: true,
  demands: onVersion('s3:DeleteObject'),
  run: (request) => {
    const key = request.target.key ?? '';
    const version = readVersionId(request);
    const { incoming } = request.call;
    if (incoming.headers.has('if-match')) {
      checkWritePreconditions(incoming, key, visibleObject(request));
    }
    return deleted(removeObject(request, key, version));
  },
};

/** Deletes a key, or one version of it, of the request's bucket. */
export function removeObject(request: S3Request, key: string, version: string | null): Deletion {
  const bucket = bucketOf(request);
  if (version !== null) mustNotBeLockedVersion(request, { bucket: bucket.name, key }, version);
  return version === null
    ? deleteKey(request.world, bucket, key, { request })
    : deleteVersion(request.world, bucket, key, version, { request });
}

function mustNotBeLockedVersion(request: S3Request, place: Place, version: string): void {
  const found = findVersion(request.world.state, place, version);
  if (found && !isDeleteMarker(found.record)) mustNotBeLocked(request, found.record, place.key);
}

function deleted({ versionId, markerId }: Deletion): Reply {
  const affected = versionId ?? markerId;
  return {
    status: 204,
    headers: {
      ...(affected !== null && { 'x-amz-version-id': affected }),
      ...(markerId !== null && { 'x-amz-delete-marker': 'true' }),
    },
  };
}
