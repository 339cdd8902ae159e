import { AwsError } from '../../http/aws-error.ts';
import type { BucketRecord } from '../../state/records.ts';
import { bucketOf, onBucket, type S3Operation } from '../s3-operation.ts';
import { readTagDocument, taggingReply } from './tag-set.ts';

export const getBucketTagging: S3Operation = {
  name: 'GetBucketTagging',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:GetBucketTagging'),
  run: (request) => {
    const { name, tags } = bucketOf(request);
    if (!tags) {
      throw new AwsError(404, 'NoSuchTagSet', 'The TagSet does not exist', {
        fields: { BucketName: name },
      });
    }
    return taggingReply(tags);
  },
};

export const putBucketTagging: S3Operation = {
  name: 'PutBucketTagging',
  body: 'document',
  needsBucket: true,
  demands: onBucket('s3:PutBucketTagging'),
  run: (request) => {
    const bucket = bucketOf(request);
    const tags = readTagDocument(request.document, 'bucket');
    const { state } = request.world;
    state.commit(state.buckets.put(bucket.name, { ...bucket, tags }));
    return { status: 204 };
  },
};

export const deleteBucketTagging: S3Operation = {
  name: 'DeleteBucketTagging',
  body: 'none',
  needsBucket: true,
  // There is no right of its own to take a bucket's tags away.
  demands: onBucket('s3:PutBucketTagging'),
  run: (request) => {
    const { tags: _gone, ...rest }: BucketRecord = bucketOf(request);
    const { state } = request.world;
    state.commit(state.buckets.put(rest.name, rest));
    return { status: 204 };
  },
};
