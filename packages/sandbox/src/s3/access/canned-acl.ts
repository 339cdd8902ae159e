import type { AclGrant } from '../../state/access-records.ts';
import { invalidArgument, notImplemented } from '../s3-error.ts';
import { fullControl } from './bucket-access.ts';

/** Whose list it is: what some canned lists say depends on it. */
export interface AclSubject {
  readonly kind: 'bucket' | 'object';
  readonly owner: string;
  readonly bucketOwner: string;
}

/**
 * The grants that a canned list stands for.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
 *
 * @throws AwsError `InvalidArgument` for a name that S3 does not know of this kind of subject.
 */
export function cannedAcl(name: string, subject: AclSubject): AclGrant[] {
  const own = fullControl(subject.owner);
  switch (name) {
    case 'private':
      return own;
    case 'public-read':
      return [...own, { grantee: { group: 'AllUsers' }, permission: 'READ' }];
    case 'public-read-write':
      return [
        ...own,
        { grantee: { group: 'AllUsers' }, permission: 'READ' },
        { grantee: { group: 'AllUsers' }, permission: 'WRITE' },
      ];
    case 'authenticated-read':
      return [...own, { grantee: { group: 'AuthenticatedUsers' }, permission: 'READ' }];
    case 'bucket-owner-read':
      return withBucketOwner(own, subject, 'READ');
    case 'bucket-owner-full-control':
      return withBucketOwner(own, subject, 'FULL_CONTROL');
    case 'log-delivery-write':
      if (subject.kind === 'object') break;
      return [
        ...own,
        { grantee: { group: 'LogDelivery' }, permission: 'WRITE' },
        { grantee: { group: 'LogDelivery' }, permission: 'READ_ACP' },
      ];
    case 'aws-exec-read':
      // It grants to an account of EC2's that the sandbox does not have.
      throw notImplemented('x-amz-acl: aws-exec-read');
  }
  throw invalidArgument('x-amz-acl', name, '');
}

/** S3 ignores what these say of a bucket. */
function withBucketOwner(
  own: readonly AclGrant[],
  { kind, owner, bucketOwner }: AclSubject,
  permission: 'READ' | 'FULL_CONTROL',
): AclGrant[] {
  if (kind === 'bucket' || owner === bucketOwner) return [...own];
  return [...own, { grantee: { account: bucketOwner }, permission }];
}
