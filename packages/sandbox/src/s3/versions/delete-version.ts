import { AwsError } from '../../http/aws-error.ts';
import type { BucketRecord, DeleteMarkerRecord } from '../../state/records.ts';
import type { World } from '../../world.ts';
import type { S3Request } from '../s3-operation.ts';
import { addVersion, changeObjects, removeVersion } from './change-objects.ts';
import type { ObjectEventName } from './object-event.ts';
import { findVersion, isDeleteMarker, type Place, versionIdOf } from './version-rows.ts';

/** Who deletes, for those who are told of it. */
export interface DeletionCause {
  /** Null for a lifecycle rule. */
  readonly request: S3Request | null;
  /** When it is to have happened; now when absent. */
  readonly at?: Date;
}

/** What became of a deletion, as answers tell it. */
export interface Deletion {
  /** The version that was asked for. */
  readonly versionId: string | null;
  /** The id of the delete marker that was made, or that was the version removed. */
  readonly markerId: string | null;
}

/**
 * Deletes a key the way S3 does when no version is named: for good where nothing
 * is kept, and otherwise by a delete marker, which is put even where there is no object.
 */
export function deleteKey(
  world: World,
  bucket: BucketRecord,
  key: string,
  cause: DeletionCause,
): Deletion {
  if (bucket.versioning === undefined) {
    deleteVersion(world, bucket, key, 'null', cause);
    return { versionId: null, markerId: null };
  }
  const place: Place = { bucket: bucket.name, key };
  const at = cause.at ?? world.now();
  const marker: DeleteMarkerRecord = {
    isDeleteMarker: true,
    modifiedAt: at.toISOString(),
    ...(bucket.versioning === 'Enabled' && { versionId: world.versionIds.next() }),
  };
  const versionId = versionIdOf(marker);
  const { request } = cause;
  const name = eventName('DeleteMarkerCreated', cause);
  changeObjects(world, addVersion(world.state, place, marker), {
    ...{ name, bucket, key, versionId, object: null, at, request },
  });
  return { versionId: null, markerId: versionId };
}

/** Removes one version for good; that there is none is no error. */
export function deleteVersion(
  world: World,
  bucket: BucketRecord,
  key: string,
  versionId: string,
  cause: DeletionCause,
): Deletion {
  const place: Place = { bucket: bucket.name, key };
  const found = findVersion(world.state, place, versionId);
  if (!found) return { versionId, markerId: null };
  const wasMarker = isDeleteMarker(found.record);
  changeObjects(world, removeVersion(world.state, place, found), {
    name: eventName('Delete', cause),
    bucket,
    key,
    versionId,
    object: isDeleteMarker(found.record) ? null : found.record,
    at: cause.at ?? world.now(),
    request: cause.request,
  });
  return { versionId, markerId: wasMarker ? versionId : null };
}

/** The refusal of anything but deletion that names a delete marker. */
export function markerNotAllowed(method: string, marker: DeleteMarkerRecord): AwsError {
  return new AwsError(
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    {
      fields: { Method: method, ResourceType: 'DeleteMarker' },
      headers: {
        allow: 'DELETE',
        'last-modified': new Date(marker.modifiedAt).toUTCString(),
        'x-amz-delete-marker': 'true',
        'x-amz-version-id': versionIdOf(marker),
      },
    },
  );
}

function eventName(
  what: 'Delete' | 'DeleteMarkerCreated',
  { request }: DeletionCause,
): ObjectEventName {
  return request ? `ObjectRemoved:${what}` : `LifecycleExpiration:${what}`;
}
