import { isPublicPolicy } from '@causeway/policy';
import { text } from '../../http/xml.ts';
import { noSuchBucketPolicy } from '../bucket-policy.ts';
import { bucketOf, onBucket, type S3Operation } from '../s3-operation.ts';
import { xmlReply } from '../s3-xml.ts';

export const getBucketPolicyStatus: S3Operation = {
  name: 'GetBucketPolicyStatus',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:GetBucketPolicyStatus'),
  run: (request) => {
    const { name, policy } = bucketOf(request);
    if (policy === null) throw noSuchBucketPolicy(name);
    const parsed = request.world.policies.get(policy, 'bucket policy', 'resource');
    return xmlReply('PolicyStatus', [text('IsPublic', isPublicPolicy(parsed))]);
  },
};
