import { PolicyInputError } from './policy-input-error.ts';

/** Writes text so that a policy of version 2012-10-17 takes every character of it literally. */
export function literalPattern(text: string): string {
  return text.replace(/[*?$]/g, (char) => `\${${char}}`);
}

/** @throws PolicyInputError if the text cannot be a bucket's name, or part of an ARN by it. */
export function bucketArn(partition: string, bucket: string): string {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new PolicyInputError(
      'bucket',
      `is "${bucket}", which is not a bucket name`,
      'Give the name alone, 3 to 63 lower-case letters, digits, dots and hyphens, such as "acme-data"',
    );
  }
  return `arn:${checkPartition(partition)}:s3:::${bucket}`;
}

/** @throws PolicyInputError if it is not a partition of AWS. */
export function checkPartition(partition: string): string {
  if (/^aws(-[a-z]+)*$/.test(partition)) return partition;
  throw new PolicyInputError(
    'partition',
    `is "${partition}", which is not one of AWS`,
    'Give "aws", "aws-cn" or "aws-us-gov"',
  );
}
