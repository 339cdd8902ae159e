import type { ObjectRecord } from '../state/records.ts';
import type { Change } from '../state/table.ts';
import { noSuchBucket } from './s3-error.ts';
import type { S3Request } from './s3-operation.ts';

/**
 * Makes an object visible under the request's key, in place of one that was
 * there, together with whatever else changes by that.
 *
 * @throws AwsError `NoSuchBucket` when the bucket went away while the body came in.
 */
export function storeObject(request: S3Request, object: ObjectRecord, ...changes: Change[]): void {
  const { bucket, key } = request.target;
  const { state, blobs } = request.world;
  if (!state.buckets.has(bucket ?? '')) throw noSuchBucket(bucket ?? '');
  const name = `${bucket}/${key}`;
  const replaced = state.objects.get(name);
  state.commit(state.objects.put(name, object), ...changes);
  if (replaced) blobs.remove(replaced.parts.map((part) => part.blob));
}
