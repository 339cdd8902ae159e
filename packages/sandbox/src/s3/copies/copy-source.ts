import { AwsError } from '../../http/aws-error.ts';
import type { BucketRecord, ObjectRecord } from '../../state/records.ts';
import { checkExpectedOwner } from '../bucket-checks.ts';
import { mustOpen } from '../encryption/open-encrypted.ts';
import { type FoundObject, lookUp } from '../find-object.ts';
import { checkSourcePreconditions } from '../preconditions.ts';
import { isReadable } from '../restore-object.ts';
import { s3Authorization } from '../s3-authorization.ts';
import { invalidArgument, noSuchBucket } from '../s3-error.ts';
import { type S3Demand, type S3Request, versionDemand } from '../s3-operation.ts';
import { isVersionId } from '../versions/version-id.ts';
import type { Place } from '../versions/version-rows.ts';

/** An object that is to be copied, read by a caller who may. */
export interface CopySource {
  readonly place: Place;
  readonly bucket: BucketRecord;
  readonly object: ObjectRecord;
  /** The version that the request names. */
  readonly versionId: string | null;
  /** @throws AwsError `AccessDenied` unless the caller may do this to the source. */
  readonly authorize: (demand: S3Demand) => void;
}

/**
 * Finds the object that `x-amz-copy-source` names.
 *
 * The source is read as a GET would read it: its own bucket's policy and owner
 * decide, and its conditions and expected owner are held to.
 *
 * @throws AwsError
 */
export function findSource(request: S3Request): CopySource {
  const { call, world, authenticated } = request;
  const { place, versionId } = readSource(request);
  const bucket = world.state.buckets.get(place.bucket);
  if (!bucket) throw noSuchBucket(place.bucket);
  checkExpectedOwner(bucket, call.incoming, 'x-amz-source-expected-bucket-owner');
  const { authorize } = s3Authorization(
    call,
    world,
    call.record.operation ?? '',
    authenticated,
    bucket,
  );
  authorize(versionDemand('s3:GetObject', place, versionId, world.state));
  const { record: object }: FoundObject = lookUp({ world, call, authorize }, place, versionId);
  checkSourcePreconditions(call.incoming, object);
  checkActive(object, world.now());
  mustOpen(request, object.encryption, { ...place, region: bucket.region }, 'copy');
  return { place, bucket, object, versionId, authorize };
}

/** `x-amz-copy-source-version-id`, where the source's bucket keeps versions. */
export function sourceVersionHeader({ bucket, object }: CopySource): Record<string, string> {
  return bucket.versioning ? { 'x-amz-copy-source-version-id': object.versionId ?? 'null' } : {};
}

function readSource({ call }: S3Request): {
  readonly place: Place;
  readonly versionId: string | null;
} {
  const header = call.incoming.headers.get('x-amz-copy-source') ?? '';
  const [, path = '', versionId] = /^\/?(.*?)(?:\?versionId=([^?]*))?$/s.exec(header) ?? [];
  const decoded = decode(path);
  const slash = decoded?.indexOf('/') ?? -1;
  if (decoded === null || slash < 1 || slash === decoded.length - 1) {
    throw invalidArgument(
      'x-amz-copy-source',
      header,
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    );
  }
  if (versionId !== undefined && !isVersionId(versionId)) {
    throw invalidArgument('x-amz-copy-source', header, 'Invalid version id specified');
  }
  const place = { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1) };
  return { place, versionId: versionId ?? null };
}

function decode(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

function checkActive(object: ObjectRecord, now: Date): void {
  if (isReadable(object, now)) return;
  throw new AwsError(
    403,
    'ObjectNotInActiveTierError',
    'The source object of the COPY action is not in the active tier and is only stored in Amazon S3 Glacier.',
  );
}
