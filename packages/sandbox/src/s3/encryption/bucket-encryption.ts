import { AwsError } from '../../http/aws-error.ts';
import { readXml, textOf, treesOf, type XmlTree } from '../../http/read-xml.ts';
import { element, text } from '../../http/xml.ts';
import type { BucketEncryption } from '../../state/encryption-records.ts';
import type { BucketRecord } from '../../state/records.ts';
import { malformedXml } from '../s3-error.ts';
import { bucketOf, onBucket, type S3Operation, type S3Request } from '../s3-operation.ts';
import { xmlReply } from '../s3-xml.ts';
import { defaultEncryption } from './choose-encryption.ts';

const algorithms = ['AES256', 'aws:kms', 'aws:kms:dsse'] as const;

export const getBucketEncryption: S3Operation = {
  name: 'GetBucketEncryption',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:GetEncryptionConfiguration'),
  run: (request) => {
    const { algorithm, keyId, bucketKey, blocksCustomerKeys } =
      bucketOf(request).encryption ?? defaultEncryption;
    return xmlReply('ServerSideEncryptionConfiguration', [
      element('Rule', [
        element('ApplyServerSideEncryptionByDefault', [
          text('SSEAlgorithm', algorithm),
          text('KMSMasterKeyID', keyId),
        ]),
        text('BucketKeyEnabled', bucketKey),
        element('BlockedEncryptionTypes', [
          text('EncryptionType', blocksCustomerKeys ? 'SSE-C' : 'NONE'),
        ]),
      ]),
    ]);
  },
};

/** S3 does not look whether the key exists, nor here: the first upload will tell. */
export const putBucketEncryption: S3Operation = {
  name: 'PutBucketEncryption',
  body: 'document',
  needsBucket: true,
  demands: onBucket('s3:PutEncryptionConfiguration'),
  run: (request) => {
    const tree = readXml(request.document, 'ServerSideEncryptionConfiguration');
    const rules = tree ? treesOf(tree, 'Rule') : [];
    const [rule] = rules;
    if (!rule || rules.length > 1) throw malformedXml();
    const bucket = bucketOf(request);
    keep(request, { ...bucket, encryption: readRule(rule, bucket.encryption) });
    return { status: 200 };
  },
};

/** Uploads are encrypted by S3's own keys again; what the bucket blocks stays blocked. */
export const deleteBucketEncryption: S3Operation = {
  name: 'DeleteBucketEncryption',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:PutEncryptionConfiguration'),
  run: (request) => {
    const bucket = bucketOf(request);
    const { blocksCustomerKeys } = bucket.encryption ?? defaultEncryption;
    keep(request, { ...bucket, encryption: { ...defaultEncryption, blocksCustomerKeys } });
    return { status: 204 };
  },
};

function keep({ world }: S3Request, bucket: BucketRecord): void {
  world.state.commit(world.state.buckets.put(bucket.name, bucket));
}

function readRule(rule: XmlTree, before: BucketEncryption = defaultEncryption): BucketEncryption {
  const [byDefault] = treesOf(rule, 'ApplyServerSideEncryptionByDefault');
  const [blocked] = treesOf(rule, 'BlockedEncryptionTypes');
  if (!byDefault && !blocked) throw malformedXml();
  const sent = byDefault ? textOf(byDefault, 'SSEAlgorithm')?.trim() : before.algorithm;
  const algorithm = algorithms.find((known) => known === sent);
  if (!algorithm) throw malformedXml();
  const keyId = byDefault ? (textOf(byDefault, 'KMSMasterKeyID') ?? null) : before.keyId;
  if (keyId !== null && algorithm === 'AES256') {
    throw new AwsError(
      400,
      'InvalidArgument',
      'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
      { fields: { ArgumentName: 'ApplyServerSideEncryptionByDefault' } },
    );
  }
  return {
    algorithm,
    keyId,
    bucketKey: textOf(rule, 'BucketKeyEnabled')?.trim() === 'true',
    blocksCustomerKeys: blocked ? readBlocked(blocked) : before.blocksCustomerKeys,
  };
}

function readBlocked(tree: XmlTree): boolean {
  const types = tree['EncryptionType'] ?? [];
  const isKnown = types.every((type) => type === 'SSE-C' || type === 'NONE');
  if (types.length !== 1 || !isKnown) throw malformedXml();
  return types[0] === 'SSE-C';
}
