import { AwsError } from '../http/aws-error.ts';
import type { Incoming } from '../http/incoming.ts';
import type { Claim } from '../sigv4/claim.ts';
import type { BucketRecord } from '../state/records.ts';
import { wrongScopeRegion } from './s3-auth-error.ts';
import { accessDenied } from './s3-error.ts';
import type { S3Target } from './s3-target.ts';

/**
 * Refuses a request that was signed for another region than the bucket's.
 *
 * One address serves every region here, so the region that a request was signed
 * for stands for the endpoint that it was sent to. A path-style request reaches
 * that endpoint and is redirected; a virtual-host name leads to the bucket's own
 * region by itself, where only the signature is wrong.
 *
 * @throws AwsError `PermanentRedirect` or `AuthorizationHeaderMalformed`.
 */
export function checkBucketRegion(
  bucket: BucketRecord,
  target: S3Target,
  claim: Claim | null,
  operation: string,
): void {
  if (!claim || claim.region === bucket.region) return;
  // The one call whose purpose is to find the region is answered everywhere.
  if (operation === 'GetBucketLocation') return;
  if (target.virtualHost) throw wrongScopeRegion(claim, bucket.region);
  throw new AwsError(
    301,
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    {
      fields: { Endpoint: `s3.${bucket.region}.localhost`, Bucket: bucket.name },
      headers: { 'x-amz-bucket-region': bucket.region },
    },
  );
}

/**
 * Holds a request to the owner that its sender expects, before any other check.
 *
 * @throws AwsError `AccessDenied` when the bucket is somebody else's.
 */
export function checkExpectedOwner(
  bucket: BucketRecord,
  { headers, query }: Incoming,
  name = 'x-amz-expected-bucket-owner',
): void {
  const expected = headers.get(name) ?? query.get(name);
  if (expected === undefined || expected === null) return;
  if (!/^\d{12}$/.test(expected)) {
    throw new AwsError(
      400,
      'InvalidBucketOwnerAWSAccountID',
      'The value of the expected bucket owner parameter must be an AWS account ID.',
      { fields: { value: expected } },
    );
  }
  if (expected !== bucket.accountId) throw accessDenied();
}
