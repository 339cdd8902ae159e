import type { BucketRecord } from '../../state/records.ts';
import { invalidArgument } from '../s3-error.ts';
import type { S3Request } from '../s3-operation.ts';
import { versionIdOf } from './version-rows.ts';

/** Whether S3 could have given out this id; one that it could not is refused as such. */
export function isVersionId(id: string): boolean {
  return id === 'null' || /^[A-Za-z0-9._-]{32}$/.test(id);
}

/**
 * The version that a request names, or null.
 *
 * @throws AwsError `InvalidArgument` when it is no version id.
 */
export function readVersionId({ call }: S3Request): string | null {
  const id = call.incoming.query.get('versionId');
  if (id === null || isVersionId(id)) return id;
  const message =
    id === '' ? 'Version id cannot be the empty string' : 'Invalid version id specified';
  throw invalidArgument('versionId', id, message);
}

/** `x-amz-version-id`, which buckets that never had versioning do not send. */
export function versionHeader(
  bucket: BucketRecord | null | undefined,
  record: { readonly versionId?: string },
): Record<string, string> {
  return bucket?.versioning ? { 'x-amz-version-id': versionIdOf(record) } : {};
}
