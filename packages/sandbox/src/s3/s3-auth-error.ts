import { type AuthFailureReason, maxSkewMilliseconds } from '../access/authenticate.ts';
import { AwsError } from '../http/aws-error.ts';
import { type Claim, fromTimestamp } from '../sigv4/claim.ts';
import type { Signed } from '../sigv4/signature.ts';
import { accessDenied } from './s3-error.ts';

/** S3's words for a failed authentication. */
export function s3AuthError(failure: AuthFailureReason): AwsError {
  switch (failure.reason) {
    case 'claim':
      return claimError(failure.fault.fault, failure.fault.message);
    case 'unknown_key':
      return new AwsError(
        403,
        'InvalidAccessKeyId',
        'The AWS Access Key Id you provided does not exist in our records.',
        { fields: { AWSAccessKeyId: failure.claim.accessKeyId } },
      );
    case 'invalid_token':
      return new AwsError(
        400,
        'InvalidToken',
        'The provided token is malformed or otherwise invalid.',
        { fields: { 'Token-0': failure.claim.sessionToken ?? '' } },
      );
    case 'expired_token':
      return new AwsError(400, 'ExpiredToken', 'The provided token has expired.', {
        fields: { 'Token-0': failure.claim.sessionToken ?? '' },
      });
    case 'skewed':
      return skewed(failure.claim, failure.now);
    case 'url_expired':
      return urlExpired(failure.claim, failure.now);
    case 'wrong_signature':
      return wrongSignature(failure.claim, failure.signed);
    case 'headers_not_signed':
      return new AwsError(
        403,
        'AccessDenied',
        'There were headers present in the request which were not signed',
        { fields: { HeadersNotSigned: failure.names.join(', ') } },
      );
  }
}

/**
 * The credential scope names another region than the bucket's.
 *
 * @param expected the region to sign for.
 */
export function wrongScopeRegion(claim: Claim, expected: string): AwsError {
  return scopeError(claim, `the region '${claim.region}' is wrong; expecting '${expected}'`, {
    fields: { Region: expected },
    headers: { 'x-amz-bucket-region': expected },
  });
}

/** The credential scope names another service: its signatures are good for nothing here. */
export function wrongScopeService(claim: Claim): AwsError {
  return scopeError(claim, `incorrect service "${claim.service}". This endpoint belongs to "s3".`);
}

function scopeError(
  { kind }: Claim,
  words: string,
  more: ConstructorParameters<typeof AwsError>[3] = {},
): AwsError {
  return kind === 'header'
    ? new AwsError(
        400,
        'AuthorizationHeaderMalformed',
        `The authorization header is malformed; ${words}`,
        more,
      )
    : new AwsError(
        400,
        'AuthorizationQueryParametersError',
        `Error parsing the X-Amz-Credential parameter; ${words}`,
        more,
      );
}

function claimError(fault: string, message: string): AwsError {
  switch (fault) {
    case 'header_malformed':
      return new AwsError(400, 'AuthorizationHeaderMalformed', message);
    case 'query_malformed':
      return new AwsError(400, 'AuthorizationQueryParametersError', message);
    case 'date_missing':
      return accessDenied(message);
    default:
      return new AwsError(400, 'InvalidRequest', message);
  }
}

function skewed(claim: Claim, now: Date): AwsError {
  return new AwsError(
    403,
    'RequestTimeTooSkewed',
    'The difference between the request time and the current time is too large.',
    {
      fields: {
        RequestTime: claim.timestamp,
        ServerTime: toSeconds(now),
        MaxAllowedSkewMilliseconds: String(maxSkewMilliseconds),
      },
    },
  );
}

function urlExpired(claim: Claim, now: Date): AwsError {
  const seconds = claim.expiresInSeconds ?? 0;
  const expires = new Date(fromTimestamp(claim.timestamp).getTime() + seconds * 1000);
  return new AwsError(403, 'AccessDenied', 'Request has expired', {
    fields: {
      'X-Amz-Expires': String(seconds),
      Expires: toSeconds(expires),
      ServerTime: toSeconds(now),
    },
  });
}

function wrongSignature(claim: Claim, { stringToSign, canonicalRequest }: Signed): AwsError {
  return new AwsError(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    {
      fields: {
        AWSAccessKeyId: claim.accessKeyId,
        StringToSign: stringToSign,
        SignatureProvided: claim.signature,
        StringToSignBytes: spacedHex(stringToSign),
        ...(canonicalRequest !== null && {
          CanonicalRequest: canonicalRequest,
          CanonicalRequestBytes: spacedHex(canonicalRequest),
        }),
      },
    },
  );
}

function spacedHex(value: string): string {
  return Buffer.from(value)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ');
}

function toSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d{3}/, '');
}
