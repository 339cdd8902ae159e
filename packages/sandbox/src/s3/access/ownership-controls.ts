import { AwsError } from '../../http/aws-error.ts';
import { readXml, textOf, treesOf } from '../../http/read-xml.ts';
import { element, text } from '../../http/xml.ts';
import { type ObjectOwnership, objectOwnerships } from '../../state/access-records.ts';
import type { BucketRecord } from '../../state/records.ts';
import { malformedXml } from '../s3-error.ts';
import { bucketOf, onBucket, type S3Operation, type S3Request } from '../s3-operation.ts';
import { xmlReply } from '../s3-xml.ts';
import { accessOf, withAccess } from './bucket-access.ts';

export const getBucketOwnershipControls: S3Operation = {
  name: 'GetBucketOwnershipControls',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:GetBucketOwnershipControls'),
  run: (request) => {
    const bucket = bucketOf(request);
    const { ownership } = accessOf(bucket);
    if (ownership === null) {
      throw new AwsError(
        404,
        'OwnershipControlsNotFoundError',
        'The bucket ownership controls were not found',
        { fields: { BucketName: bucket.name } },
      );
    }
    return xmlReply('OwnershipControls', [element('Rule', [text('ObjectOwnership', ownership)])]);
  },
};

export const putBucketOwnershipControls: S3Operation = {
  name: 'PutBucketOwnershipControls',
  body: 'document',
  needsBucket: true,
  demands: onBucket('s3:PutBucketOwnershipControls'),
  run: (request) => {
    const ownership = readOwnership(request.document);
    if (ownership === 'BucketOwnerEnforced') checkOwnListOnly(bucketOf(request));
    return setOwnership(request, ownership);
  },
};

export const deleteBucketOwnershipControls: S3Operation = {
  name: 'DeleteBucketOwnershipControls',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:PutBucketOwnershipControls'),
  run: (request) => ({ ...setOwnership(request, null), status: 204 }),
};

/** @throws AwsError: a bucket whose list grants to others cannot enforce its owner's rights. */
export function aclWithEnforcement(): AwsError {
  return new AwsError(
    400,
    'InvalidBucketAclWithObjectOwnership',
    "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
  );
}

function checkOwnListOnly(bucket: BucketRecord): void {
  const isOthers = accessOf(bucket).grants?.some(
    ({ grantee }) => !('account' in grantee) || grantee.account !== bucket.accountId,
  );
  if (isOthers) throw aclWithEnforcement();
}

function setOwnership(request: S3Request, ownership: ObjectOwnership | null): { status: number } {
  const bucket = bucketOf(request);
  const { state } = request.world;
  state.commit(state.buckets.put(bucket.name, withAccess(bucket, { ownership })));
  return { status: 200 };
}

function readOwnership(document: string): ObjectOwnership {
  const tree = readXml(document, 'OwnershipControls');
  const rules = tree ? treesOf(tree, 'Rule') : [];
  const [rule] = rules;
  const asked = rule && textOf(rule, 'ObjectOwnership')?.trim();
  const ownership = objectOwnerships.find((known) => known === asked);
  if (rules.length !== 1 || ownership === undefined) throw malformedXml();
  return ownership;
}
