import { type AuthFailureReason, maxSkewMilliseconds } from '../access/authenticate.ts';
import { AwsError } from '../http/aws-error.ts';
import { fromTimestamp, toTimestamp } from '../sigv4/claim.ts';

/** The words of STS and IAM for a failed authentication. */
export function queryAuthError(failure: AuthFailureReason): AwsError {
  switch (failure.reason) {
    case 'claim':
      return new AwsError(400, 'IncompleteSignature', failure.fault.message);
    case 'unknown_key':
    case 'invalid_token':
      return new AwsError(
        403,
        'InvalidClientTokenId',
        'The security token included in the request is invalid.',
      );
    case 'expired_token':
      return new AwsError(
        403,
        'ExpiredToken',
        'The security token included in the request is expired',
      );
    case 'skewed':
      return new AwsError(403, 'SignatureDoesNotMatch', skewMessage(failure));
    case 'url_expired':
      return new AwsError(403, 'SignatureDoesNotMatch', 'Signature expired');
    case 'wrong_signature':
      return new AwsError(
        403,
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      );
    case 'headers_not_signed':
      return new AwsError(
        403,
        'SignatureDoesNotMatch',
        `'${failure.names.join("', '")}' must be a 'SignedHeader' in the AWS Authorization.`,
      );
  }
}

function skewMessage({ claim, now }: Extract<AuthFailureReason, { reason: 'skewed' }>): string {
  const signedAt = fromTimestamp(claim.timestamp).getTime();
  const isLate = signedAt < now.getTime();
  const edge = new Date(now.getTime() + (isLate ? -1 : 1) * maxSkewMilliseconds);
  const words = isLate ? 'expired' : 'not yet current';
  const relation = isLate ? 'now earlier' : 'still later';
  const sign = isLate ? '-' : '+';
  return `Signature ${words}: ${claim.timestamp} is ${relation} than ${toTimestamp(edge)} (${toTimestamp(now)} ${sign} 15 min.)`;
}
