import { AwsError } from '../http/aws-error.ts';
import { text } from '../http/xml.ts';
import { bucketOf, onBucket, type S3Operation } from './s3-operation.ts';
import { xmlReply } from './s3-xml.ts';

/**
 * Settings of a bucket that the sandbox does not have, read as S3 answers where
 * nobody has set them: tools read them of every bucket. To set one is refused as
 * not implemented, so that nobody believes in a setting without effect.
 */
export const getBucketRequestPayment = reading(
  'GetBucketRequestPayment',
  's3:GetBucketRequestPayment',
  () => xmlReply('RequestPaymentConfiguration', [text('Payer', 'BucketOwner')]),
);

export const getBucketLogging = reading('GetBucketLogging', 's3:GetBucketLogging', () =>
  xmlReply('BucketLoggingStatus', []),
);

export const getBucketAccelerateConfiguration = reading(
  'GetBucketAccelerateConfiguration',
  's3:GetAccelerateConfiguration',
  () => xmlReply('AccelerateConfiguration', []),
);

export const getBucketWebsite = reading('GetBucketWebsite', 's3:GetBucketWebsite', (bucket) => {
  throw unset(
    'NoSuchWebsiteConfiguration',
    'The specified bucket does not have a website configuration',
    bucket,
  );
});

export const getBucketReplication = reading(
  'GetBucketReplication',
  's3:GetReplicationConfiguration',
  (bucket) => {
    throw unset(
      'ReplicationConfigurationNotFoundError',
      'The replication configuration was not found',
      bucket,
    );
  },
);

export const deleteBucketWebsite = removing('DeleteBucketWebsite', 's3:DeleteBucketWebsite');
export const deleteBucketReplication = removing(
  'DeleteBucketReplication',
  's3:PutReplicationConfiguration',
);

function reading(
  name: string,
  action: string,
  answer: (bucket: string) => ReturnType<typeof xmlReply>,
): S3Operation {
  return {
    name,
    body: 'none',
    needsBucket: true,
    demands: onBucket(action),
    run: (request) => answer(bucketOf(request).name),
  };
}

/** What is not there is removed without complaint. */
function removing(name: string, action: string): S3Operation {
  return {
    name,
    body: 'none',
    needsBucket: true,
    demands: onBucket(action),
    run: () => ({ status: 204 }),
  };
}

function unset(code: string, message: string, bucket: string): AwsError {
  return new AwsError(404, code, message, { fields: { BucketName: bucket } });
}
