import { AwsError } from '../../http/aws-error.ts';
import { type ObjectOwnership, objectOwnerships } from '../../state/access-records.ts';
import type { BucketRecord } from '../../state/records.ts';
import { invalidArgument } from '../s3-error.ts';
import { accountOf, bucketArn, type S3Demand, type S3Request } from '../s3-operation.ts';
import { hasAclHeaders, readAclHeaders } from './acl-headers.ts';
import { newBucket } from './bucket-access.ts';
import { isPublicAcl } from './grantee.ts';
import { aclWithEnforcement } from './ownership-controls.ts';

/** Who sends settings along with a new bucket must be allowed to set them. */
export function newBucketDemands({ call, target }: S3Request): S3Demand[] {
  const { headers } = call.incoming;
  const resource = bucketArn(target.bucket ?? '');
  return [
    ...(hasAclHeaders(headers) ? [{ action: 's3:PutBucketAcl', resource }] : []),
    ...(headers.has('x-amz-object-ownership')
      ? [{ action: 's3:PutBucketOwnershipControls', resource }]
      : []),
  ];
}

/**
 * The settings of a bucket that is being made, as the part of its record. Whatever
 * is asked for, it is made with everything public blocked.
 *
 * @throws AwsError for a list that such a bucket cannot have.
 */
export function newBucketAccess(request: S3Request): Required<Pick<BucketRecord, 'access'>> {
  const { headers } = request.call.incoming;
  const ownership = readOwnership(headers);
  const owner = accountOf(request);
  const subject = { kind: 'bucket', owner, bucketOwner: owner } as const;
  const grants = readAclHeaders(headers, subject, request.world.accounts);
  const isOwn = (grants ?? []).every(
    ({ grantee }) => 'account' in grantee && grantee.account === owner,
  );
  if (ownership === 'BucketOwnerEnforced' && !isOwn) throw aclWithEnforcement();
  if (grants && isPublicAcl(grants)) {
    throw new AwsError(
      400,
      'InvalidBucketAclWithBlockPublicAccessError',
      'Bucket cannot have public ACLs set with BlockPublicAccess enabled',
    );
  }
  return { access: { ...newBucket, ownership, grants } };
}

function readOwnership(headers: ReadonlyMap<string, string>): ObjectOwnership {
  const name = 'x-amz-object-ownership';
  const asked = headers.get(name);
  if (asked === undefined) return 'BucketOwnerEnforced';
  const ownership = objectOwnerships.find((known) => known === asked);
  if (ownership === undefined) {
    throw invalidArgument(name, asked, `Invalid ${name} header: ${asked}`);
  }
  return ownership;
}
