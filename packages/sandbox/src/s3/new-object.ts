import type { Context } from '../access/context.ts';
import type { ObjectRecord, Tags } from '../state/records.ts';
import { aclDemands, newObjectAccess } from './access/new-object-access.ts';
import { lockDemands, newObjectLock } from './locks/object-lock.ts';
import { objectArn, type S3Demand, type S3Request } from './s3-operation.ts';
import { requestTagKeys } from './tagging/tag-keys.ts';
import { readTagHeader } from './tagging/tag-set.ts';

/** What an object is given beside its bytes and headers, each by a right of its own. */
export type ObjectProperties = Pick<ObjectRecord, 'access' | 'tags' | 'lock'>;

/** Reads the properties that the headers of an upload give its object. */
export function readProperties(request: S3Request): ObjectProperties {
  const tags = readTags(request);
  const lock = newObjectLock(request);
  return {
    ...newObjectAccess(request),
    ...(lock && { lock }),
    ...(tags && Object.keys(tags).length > 0 && { tags }),
  };
}

/**
 * What a caller must be allowed to do to make an object: put it, and put on it
 * every property that the request names.
 */
export function onNewObject(request: S3Request): readonly S3Demand[] {
  const resource = objectArn(request.target.bucket ?? '', request.target.key ?? '');
  const tags = readTags(request);
  const locking = lockDemands(request);
  const context: Context = { ...requestTagKeys(tags), ...locking[0]?.context };
  return [
    { action: 's3:PutObject', resource, context },
    ...(tags
      ? [{ action: 's3:PutObjectTagging', resource, context, isNewObject: true as const }]
      : []),
    ...aclDemands(request),
    ...locking,
  ];
}

function readTags({ call }: S3Request): Tags | undefined {
  const header = call.incoming.headers.get('x-amz-tagging');
  return header === undefined || header === '' ? undefined : readTagHeader(header);
}
