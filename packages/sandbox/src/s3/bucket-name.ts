import { AwsError } from '../http/aws-error.ts';

/** @throws AwsError `InvalidBucketName` unless S3 would let a general purpose bucket have this name. */
export function checkBucketName(name: string): void {
  const isWellFormed =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !/^(xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name);
  if (isWellFormed) return;
  throw new AwsError(400, 'InvalidBucketName', 'The specified bucket is not valid.', {
    fields: { BucketName: name },
  });
}
