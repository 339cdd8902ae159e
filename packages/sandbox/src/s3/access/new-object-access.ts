import type { Incoming } from '../../http/incoming.ts';
import type { ObjectAccess } from '../../state/access-records.ts';
import type { BucketRecord, ObjectRecord } from '../../state/records.ts';
import { bucketOf, objectArn, type S3Demand, type S3Request } from '../s3-operation.ts';
import { hasAclHeaders, readAclHeaders } from './acl-headers.ts';
import { aclNotSupported } from './acl-request.ts';
import { fullControl, ownershipOf } from './bucket-access.ts';

/** Who sends a list along with an object must be allowed to set lists. */
export function aclDemands({ call, target }: S3Request): S3Demand[] {
  if (!hasAclHeaders(call.incoming.headers)) return [];
  const resource = objectArn(target.bucket ?? '', target.key ?? '');
  return [{ action: 's3:PutObjectAcl', resource, isNewObject: true }];
}

/**
 * Who will own the object that a request writes, and what its list will say, as
 * the part of its record.
 *
 * The bucket's owner owns it where that is enforced; where it is preferred, if the
 * writer asks for `bucket-owner-full-control`; else the writer does.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 *
 * @throws AwsError `AccessControlListNotSupported` for a list that an enforcing bucket does not take.
 */
export function newObjectAccess(request: S3Request): Pick<ObjectRecord, 'access'> {
  const bucket = bucketOf(request);
  const { incoming } = request.call;
  const writer = request.authenticated.caller.accountId ?? 'anonymous';
  const ownership = ownershipOf(bucket);
  if (ownership === 'BucketOwnerEnforced') {
    refuseAcl(incoming, writer, bucket);
    return {};
  }
  const isGivenAway =
    ownership === 'BucketOwnerPreferred' &&
    incoming.headers.get('x-amz-acl') === 'bucket-owner-full-control';
  const owner = isGivenAway ? bucket.accountId : writer;
  const subject = { kind: 'object', owner, bucketOwner: bucket.accountId } as const;
  const sent = readAclHeaders(incoming.headers, subject, request.world.accounts);
  if (sent === null && owner === bucket.accountId) return {};
  const access: ObjectAccess = { owner, grants: sent ?? fullControl(owner) };
  return { access };
}

/** Only the list that the object has anyway is taken: full control for the bucket's owner. */
function refuseAcl({ headers }: Incoming, writer: string, bucket: BucketRecord): void {
  const canned = headers.get('x-amz-acl');
  if (!hasAclHeaders(headers) || canned === 'bucket-owner-full-control') return;
  if (canned === 'private' && writer === bucket.accountId) return;
  throw aclNotSupported();
}
