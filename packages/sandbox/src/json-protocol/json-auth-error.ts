import type { AuthFailureReason } from '../access/authenticate.ts';
import { AwsError } from '../http/aws-error.ts';
import { queryAuthError } from '../query/query-auth-error.ts';

/** The words of the JSON services for a failed authentication. */
export function jsonAuthError(failure: AuthFailureReason): AwsError {
  // The sentences are those of the query services, under other names.
  const { message } = queryAuthError(failure);
  switch (failure.reason) {
    case 'claim':
      return new AwsError(400, 'IncompleteSignatureException', message);
    case 'unknown_key':
    case 'invalid_token':
      return new AwsError(400, 'UnrecognizedClientException', message);
    case 'expired_token':
      return new AwsError(400, 'ExpiredTokenException', message);
    case 'skewed':
    case 'url_expired':
    case 'wrong_signature':
    case 'headers_not_signed':
      return new AwsError(400, 'InvalidSignatureException', message);
  }
}
