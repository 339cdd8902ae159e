import { AwsError } from '../../http/aws-error.ts';
import type { BucketLifecycle } from '../../state/lifecycle-records.ts';
import type { BucketRecord } from '../../state/records.ts';
import { invalidArgument } from '../s3-error.ts';
import { bucketOf, onBucket, type S3Operation, type S3Request } from '../s3-operation.ts';
import { xmlReply } from '../s3-xml.ts';
import { readRules } from './read-rules.ts';
import { writeRule } from './write-rule.ts';

const minimumSizeHeader = 'x-amz-transition-default-minimum-object-size';

export const getBucketLifecycle: S3Operation = {
  name: 'GetBucketLifecycleConfiguration',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:GetLifecycleConfiguration'),
  run: (request) => {
    const { lifecycle, name } = bucketOf(request);
    if (!lifecycle) {
      throw new AwsError(
        404,
        'NoSuchLifecycleConfiguration',
        'The lifecycle configuration does not exist',
        { fields: { BucketName: name } },
      );
    }
    const reply = xmlReply('LifecycleConfiguration', lifecycle.rules.map(writeRule));
    return { ...reply, headers: { ...reply.headers, [minimumSizeHeader]: lifecycle.minimumSize } };
  },
};

/** Rules replace those that were there, as a whole. They are carried out when the clock is moved. */
export const putBucketLifecycle: S3Operation = {
  name: 'PutBucketLifecycleConfiguration',
  body: 'document',
  needsBucket: true,
  demands: onBucket('s3:PutLifecycleConfiguration'),
  run: (request) => {
    const bucket = bucketOf(request);
    const { state, now } = request.world;
    const lifecycle: BucketLifecycle = {
      since: now().toISOString(),
      rules: readRules(request.document),
      minimumSize: readMinimumSize(request),
    };
    state.commit(state.buckets.put(bucket.name, { ...bucket, lifecycle }));
    return { status: 200, headers: { [minimumSizeHeader]: lifecycle.minimumSize } };
  },
};

export const deleteBucketLifecycle: S3Operation = {
  name: 'DeleteBucketLifecycle',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:PutLifecycleConfiguration'),
  run: (request) => {
    const { lifecycle: _gone, ...rest }: BucketRecord = bucketOf(request);
    const { state } = request.world;
    state.commit(state.buckets.put(rest.name, rest));
    return { status: 204 };
  },
};

function readMinimumSize({ call }: S3Request): BucketLifecycle['minimumSize'] {
  const sent = call.incoming.headers.get(minimumSizeHeader) ?? 'all_storage_classes_128K';
  if (sent === 'all_storage_classes_128K' || sent === 'varies_by_storage_class') return sent;
  throw invalidArgument(minimumSizeHeader, sent, 'Invalid transition default minimum object size');
}
