import { AwsError } from '../http/aws-error.ts';
import { readXml, textOf } from '../http/read-xml.ts';
import { text } from '../http/xml.ts';
import { malformedXml, notImplemented } from './s3-error.ts';
import { bucketOf, onBucket, type S3Operation } from './s3-operation.ts';
import { xmlReply } from './s3-xml.ts';

export const getBucketVersioning: S3Operation = {
  name: 'GetBucketVersioning',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:GetBucketVersioning'),
  run: (request) =>
    xmlReply('VersioningConfiguration', [text('Status', bucketOf(request).versioning)]),
};

/** Once enabled, versioning can be suspended, and never be undone. */
export const putBucketVersioning: S3Operation = {
  name: 'PutBucketVersioning',
  body: 'document',
  needsBucket: true,
  demands: onBucket('s3:PutBucketVersioning'),
  run: (request) => {
    const bucket = bucketOf(request);
    const tree = readXml(request.document, 'VersioningConfiguration');
    if (!tree) throw malformedXml();
    if (textOf(tree, 'MfaDelete')?.trim() === 'Enabled') throw notImplemented('MfaDelete');
    const versioning = textOf(tree, 'Status')?.trim();
    if (versioning === undefined) {
      throw new AwsError(
        400,
        'IllegalVersioningConfigurationException',
        'The Versioning element must be specified',
      );
    }
    if (versioning !== 'Enabled' && versioning !== 'Suspended') throw malformedXml();
    if (bucket.objectLock && versioning === 'Suspended') {
      throw new AwsError(
        409,
        'InvalidBucketState',
        'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
      );
    }
    const { state } = request.world;
    state.commit(state.buckets.put(bucket.name, { ...bucket, versioning }));
    return { status: 200 };
  },
};
