import { AwsError } from '../../http/aws-error.ts';
import { readXml, textOf } from '../../http/read-xml.ts';
import type { Reply } from '../../http/reply.ts';
import { text } from '../../http/xml.ts';
import type { PublicAccessBlock } from '../../state/access-records.ts';
import { malformedXml } from '../s3-error.ts';
import { bucketOf, onBucket, type S3Operation } from '../s3-operation.ts';
import { xmlReply } from '../s3-xml.ts';
import { accessOf, withAccess } from './bucket-access.ts';

export const getPublicAccessBlock: S3Operation = {
  name: 'GetPublicAccessBlock',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:GetBucketPublicAccessBlock'),
  run: (request) => {
    const bucket = bucketOf(request);
    return publicAccessBlockReply(accessOf(bucket).publicAccessBlock, {
      BucketName: bucket.name,
    });
  },
};

export const putPublicAccessBlock: S3Operation = {
  name: 'PutPublicAccessBlock',
  body: 'document',
  needsBucket: true,
  demands: onBucket('s3:PutBucketPublicAccessBlock'),
  run: (request) => {
    const bucket = bucketOf(request);
    const publicAccessBlock = readPublicAccessBlock(request.document);
    const { state } = request.world;
    state.commit(state.buckets.put(bucket.name, withAccess(bucket, { publicAccessBlock })));
    return { status: 200 };
  },
};

export const deletePublicAccessBlock: S3Operation = {
  name: 'DeletePublicAccessBlock',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:PutBucketPublicAccessBlock'),
  run: (request) => {
    const bucket = bucketOf(request);
    const { state } = request.world;
    const without = withAccess(bucket, { publicAccessBlock: null });
    state.commit(state.buckets.put(bucket.name, without));
    return { status: 204 };
  },
};

const elements = {
  BlockPublicAcls: 'blockPublicAcls',
  IgnorePublicAcls: 'ignorePublicAcls',
  BlockPublicPolicy: 'blockPublicPolicy',
  RestrictPublicBuckets: 'restrictPublicBuckets',
} as const;

/** @param about what the error names when there is no block. */
export function publicAccessBlockReply(
  block: PublicAccessBlock | null,
  about: Readonly<Record<string, string>>,
): Reply {
  if (!block) {
    throw new AwsError(
      404,
      'NoSuchPublicAccessBlockConfiguration',
      'The public access block configuration was not found',
      { fields: about },
    );
  }
  return xmlReply(
    'PublicAccessBlockConfiguration',
    Object.entries(elements).map(([name, field]) => text(name, block[field])),
  );
}

/** @throws AwsError `MalformedXML`, or `InvalidRequest` when nothing is said of any setting. */
export function readPublicAccessBlock(document: string): PublicAccessBlock {
  const tree = readXml(document, 'PublicAccessBlockConfiguration');
  if (!tree) throw malformedXml();
  const settings = Object.entries(elements).map(([name, field]) => {
    const value = textOf(tree, name)?.trim().toLowerCase();
    if (value !== undefined && value !== 'true' && value !== 'false') throw malformedXml();
    return { field, value };
  });
  if (settings.every(({ value }) => value === undefined)) {
    throw new AwsError(400, 'InvalidRequest', 'Must specify at least one configuration.');
  }
  const isOn = (field: keyof PublicAccessBlock) =>
    settings.some((setting) => setting.field === field && setting.value === 'true');
  return {
    blockPublicAcls: isOn('blockPublicAcls'),
    ignorePublicAcls: isOn('ignorePublicAcls'),
    blockPublicPolicy: isOn('blockPublicPolicy'),
    restrictPublicBuckets: isOn('restrictPublicBuckets'),
  };
}
