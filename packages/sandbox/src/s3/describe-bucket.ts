import { escapeXml, xmlDocument } from '../http/xml.ts';
import { bucketOf, onBucket, type S3Operation } from './s3-operation.ts';
import { s3Namespace } from './s3-xml.ts';

export const headBucket: S3Operation = {
  name: 'HeadBucket',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:ListBucket'),
  run: () => ({
    status: 200,
    headers: { 'content-type': 'application/xml', 'x-amz-access-point-alias': 'false' },
  }),
};

export const getBucketLocation: S3Operation = {
  name: 'GetBucketLocation',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:GetBucketLocation'),
  run: (request) => {
    const { region } = bucketOf(request);
    // The first region has no name in this answer.
    const content = region === 'us-east-1' ? [] : [escapeXml(region)];
    return {
      status: 200,
      headers: { 'content-type': 'application/xml' },
      body: xmlDocument('LocationConstraint', content, s3Namespace),
    };
  },
};
