import { AwsError } from '../http/aws-error.ts';
import type { ObjectRecord } from '../state/records.ts';
import { noSuchKey, noSuchVersion } from './s3-error.ts';
import { bucketArn, type S3Request } from './s3-operation.ts';
import { markerNotAllowed } from './versions/delete-version.ts';
import { readVersionId } from './versions/version-id.ts';
import {
  type FoundVersion,
  findVersion,
  isDeleteMarker,
  latestVersion,
  objectName,
  type Place,
  versionIdOf,
} from './versions/version-rows.ts';

/** An object, which may be any version of its key, and where it is kept. */
export type FoundObject = FoundVersion & { readonly record: ObjectRecord };

/** Where the object of a request is. */
export function placeOf({ target }: Pick<S3Request, 'target'>): Place {
  return { bucket: target.bucket ?? '', key: target.key ?? '' };
}

/** What a key of the request's bucket shows, asked by the sandbox itself. */
export function visibleObject(
  { world, target }: Pick<S3Request, 'world' | 'target'>,
  key = target.key ?? '',
): ObjectRecord | undefined {
  return world.state.objects.get(objectName({ bucket: target.bucket ?? '', key }));
}

/** The object, or the version of it, that a request names; see {@link lookUp}. */
export function findObject(request: S3Request): ObjectRecord {
  return findVersionOf(request).record;
}

/** As {@link findObject}, with where it is kept. */
export function findVersionOf(request: S3Request): FoundObject {
  return lookUp(request, placeOf(request), readVersionId(request));
}

/**
 * The object of a key, or the version of it that has this id.
 *
 * Whether there is one is told only to those who may list: to others a missing one is forbidden.
 *
 * @throws AwsError `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` for a delete marker, or `AccessDenied`.
 */
export function lookUp(
  request: Pick<S3Request, 'world' | 'authorize' | 'call'>,
  place: Place,
  id: string | null,
): FoundObject {
  const { state } = request.world;
  const found = id === null ? latestVersion(state, place) : findVersion(state, place, id);
  if (found && !isDeleteMarker(found.record)) return { ...found, record: found.record };
  request.authorize({ action: 's3:ListBucket', resource: bucketArn(place.bucket) });
  if (!found) throw id === null ? noSuchKey(place.key) : noSuchVersion(place.key, id);
  if (id !== null && isDeleteMarker(found.record)) {
    throw markerNotAllowed(request.call.incoming.method, found.record);
  }
  throw behindMarker(place.key, versionIdOf(found.record));
}

function behindMarker(key: string, markerId: string): AwsError {
  const { status, code, message, fields } = noSuchKey(key);
  return new AwsError(status, code, message, {
    fields,
    headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': markerId },
  });
}
