import type { BucketRecord } from '../../state/records.ts';
import { onBucket, type S3Demand, type S3Request } from '../s3-operation.ts';

/** A bucket whose objects can be locked has versions from the start. */
export function newBucketLock(request: S3Request): Pick<BucketRecord, 'versioning' | 'objectLock'> {
  return asksForLocks(request) ? { versioning: 'Enabled', objectLock: {} } : {};
}

export function newBucketLockDemands(request: S3Request): readonly S3Demand[] {
  if (!asksForLocks(request)) return [];
  return [
    ...onBucket('s3:PutBucketVersioning')(request),
    ...onBucket('s3:PutBucketObjectLockConfiguration')(request),
  ];
}

function asksForLocks({ call }: S3Request): boolean {
  return call.incoming.headers.get('x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true';
}
