import { AwsError } from '../../http/aws-error.ts';
import { readXml, textOf, treesOf, type XmlTree } from '../../http/read-xml.ts';
import { element, text } from '../../http/xml.ts';
import type { BucketObjectLock } from '../../state/records.ts';
import { malformedXml } from '../s3-error.ts';
import { bucketOf, onBucket, type S3Operation } from '../s3-operation.ts';
import { xmlReply } from '../s3-xml.ts';

/** A hundred years, in each unit. */
const maxPeriod = { Days: 36_500, Years: 100 } as const;

export const getObjectLockConfiguration: S3Operation = {
  name: 'GetObjectLockConfiguration',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:GetBucketObjectLockConfiguration'),
  run: (request) => {
    const { objectLock, name } = bucketOf(request);
    if (!objectLock) {
      throw new AwsError(
        404,
        'ObjectLockConfigurationNotFoundError',
        'Object Lock configuration does not exist for this bucket',
        { fields: { BucketName: name } },
      );
    }
    const { rule } = objectLock;
    return xmlReply('ObjectLockConfiguration', [
      text('ObjectLockEnabled', 'Enabled'),
      ...(rule
        ? [
            element('Rule', [
              element('DefaultRetention', [text('Mode', rule.mode), text(rule.unit, rule.count)]),
            ]),
          ]
        : []),
    ]);
  },
};

/** Locks need versions, and once a bucket has them they stay. */
export const putObjectLockConfiguration: S3Operation = {
  name: 'PutObjectLockConfiguration',
  body: 'document',
  needsBucket: true,
  demands: onBucket('s3:PutBucketObjectLockConfiguration'),
  run: (request) => {
    const bucket = bucketOf(request);
    const objectLock = readConfiguration(request.document);
    if (bucket.versioning !== 'Enabled') {
      throw new AwsError(
        409,
        'InvalidBucketState',
        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
      );
    }
    const { state } = request.world;
    state.commit(state.buckets.put(bucket.name, { ...bucket, objectLock }));
    return { status: 200 };
  },
};

function readConfiguration(document: string): BucketObjectLock {
  const tree = readXml(document, 'ObjectLockConfiguration');
  if (!tree || textOf(tree, 'ObjectLockEnabled')?.trim() !== 'Enabled') throw malformedXml();
  const [rule] = treesOf(tree, 'Rule');
  if (!rule) return {};
  const [retention] = treesOf(rule, 'DefaultRetention');
  if (!retention) throw malformedXml();
  return { rule: readRule(retention) };
}

function readRule(retention: XmlTree): NonNullable<BucketObjectLock['rule']> {
  const mode = textOf(retention, 'Mode')?.trim();
  if (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') throw malformedXml();
  const days = textOf(retention, 'Days')?.trim();
  const years = textOf(retention, 'Years')?.trim();
  if ((days === undefined) === (years === undefined)) throw malformedXml();
  const unit = days === undefined ? 'Years' : 'Days';
  const count = Number(days ?? years);
  if (!Number.isInteger(count)) throw malformedXml();
  if (count < 1) throw invalidPeriod('Default retention period must be a positive integer value.');
  if (count > maxPeriod[unit]) {
    throw invalidPeriod(
      `Default retention period too large. It must not exceed ${maxPeriod.Days} days or ${maxPeriod.Years} years.`,
    );
  }
  return { mode, unit, count };
}

function invalidPeriod(message: string): AwsError {
  return new AwsError(400, 'InvalidArgument', message);
}
