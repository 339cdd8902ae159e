import { bucketOf, onBucket, type S3Operation } from '../s3-operation.ts';
import { aclReply } from './acl-document.ts';
import { aclNotSupported, readAcl } from './acl-request.ts';
import { grantsOfBucket, ownershipOf, withAccess } from './bucket-access.ts';

export const getBucketAcl: S3Operation = {
  name: 'GetBucketAcl',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:GetBucketAcl'),
  run: (request) => {
    const bucket = bucketOf(request);
    return aclReply(bucket.accountId, grantsOfBucket(bucket));
  },
};

export const putBucketAcl: S3Operation = {
  name: 'PutBucketAcl',
  body: 'document',
  needsBucket: true,
  demands: onBucket('s3:PutBucketAcl'),
  run: (request) => {
    const bucket = bucketOf(request);
    if (ownershipOf(bucket) === 'BucketOwnerEnforced') throw aclNotSupported();
    const { accountId } = bucket;
    const grants = readAcl(request, 's3:PutBucketAcl', {
      kind: 'bucket',
      owner: accountId,
      bucketOwner: accountId,
    });
    const { state } = request.world;
    state.commit(state.buckets.put(bucket.name, withAccess(bucket, { grants })));
    return { status: 200 };
  },
};
