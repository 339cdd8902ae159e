/** Writes text so that a policy of version 2012-10-17 takes every character of it literally. */
export function literalPattern(text: string): string {
  return text.replace(/[*?$]/g, (char) => `\${${char}}`);
}

/** @throws Error if the text cannot be a bucket's name, or part of an ARN by it. */
export function bucketArn(partition: string, bucket: string): string {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new Error(`Cannot write a policy for bucket "${bucket}": it is not a bucket name`);
  }
  if (!/^aws(-[a-z]+)*$/.test(partition)) {
    throw new Error(`Cannot write a policy for partition "${partition}": it is not one of AWS`);
  }
  return `arn:${partition}:s3:::${bucket}`;
}
