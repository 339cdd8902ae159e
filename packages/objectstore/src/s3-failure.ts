import { CausewayError } from '@causeway/contract';

/** What a failed S3 call means to us. */
export type S3Failure =
  /** The caller's signal. */
  | 'aborted'
  /** Not S3's answer: a bug here, or credentials that could not be had. */
  | 'not_ours'
  | 'denied'
  | 'bucket_missing'
  | 'object_missing'
  | 'upload_missing'
  /** A create-only write met an object. */
  | 'exists'
  /** Two conditional writes met; neither is decided. */
  | 'conflict'
  | 'credentials_expired'
  | 'credentials_rejected'
  | 'region_mismatch'
  /** The bytes that arrived were not the bytes sent. */
  | 'corrupted'
  | 'parts_mismatch'
  /** Transient, or no usable answer: it may or may not have taken effect. */
  | 'unavailable'
  | 'refused';

/**
 * By name, never by status: `CompleteMultipartUpload` can answer 200 with any
 * error in the body, which the SDK then reports with the status 503.
 */
const failureByName: Readonly<Record<string, S3Failure>> = {
  AbortError: 'aborted',
  AccessDenied: 'denied',
  AllAccessDisabled: 'denied',
  AccountProblem: 'denied',
  Forbidden: 'denied',
  NoSuchBucket: 'bucket_missing',
  NoSuchKey: 'object_missing',
  NotFound: 'object_missing',
  NoSuchUpload: 'upload_missing',
  PreconditionFailed: 'exists',
  ConditionalRequestConflict: 'conflict',
  OperationAborted: 'conflict',
  ExpiredToken: 'credentials_expired',
  InvalidToken: 'credentials_expired',
  TokenRefreshRequired: 'credentials_expired',
  InvalidAccessKeyId: 'credentials_rejected',
  SignatureDoesNotMatch: 'credentials_rejected',
  NotSignedUp: 'credentials_rejected',
  PermanentRedirect: 'region_mismatch',
  AuthorizationHeaderMalformed: 'region_mismatch',
  IllegalLocationConstraintException: 'region_mismatch',
  BadDigest: 'corrupted',
  InvalidDigest: 'corrupted',
  IncompleteBody: 'corrupted',
  XAmzContentChecksumMismatch: 'corrupted',
  XAmzContentSHA256Mismatch: 'corrupted',
  InvalidPart: 'parts_mismatch',
  InvalidPartOrder: 'parts_mismatch',
  EntityTooSmall: 'parts_mismatch',
  NotImplemented: 'refused',
  TemporaryRedirect: 'unavailable',
  RequestTimeTooSkewed: 'unavailable',
  RequestTimeout: 'unavailable',
  SlowDown: 'unavailable',
  ServiceUnavailable: 'unavailable',
  InternalError: 'unavailable',
  TimeoutError: 'unavailable',
};

/** HEAD answers have no body and so no name; here the status is all there is. */
const failureByBareStatus: Readonly<Record<number, S3Failure>> = {
  301: 'region_mismatch',
  // An expired token and a wrong region both look like this; a renewed token settles which.
  400: 'credentials_expired',
  403: 'denied',
  404: 'object_missing',
  412: 'exists',
};

/** Says what `error`, thrown by an S3 client, means. */
export function failureOf(error: unknown): S3Failure {
  if (!(error instanceof Error)) return 'not_ours';
  if (CausewayError.is(error)) return error.retry === 'later' ? 'unavailable' : 'not_ours';
  const known = failureByName[error.name];
  if (known) return known;
  const status = statusOf(error);
  if (isUnnamed(error)) return (status && failureByBareStatus[status]) || 'unavailable';
  if (status !== undefined) return status >= 400 && status < 500 ? 'refused' : 'unavailable';
  return isNetworkError(error) ? 'unavailable' : 'not_ours';
}

/** Whether the store says that it is asked too much, and not just that it failed. */
export function asksForLess(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(SlowDown|ServiceUnavailable|RequestLimitExceeded|503)$/.test(error.name)
  );
}

/** The HTTP status S3 answered with, as the SDK saw it. */
function statusOf(error: object): number | undefined {
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}

function isUnnamed(error: Error): boolean {
  return /^(Unknown|UnknownError|[345]\d\d)$/.test(error.name);
}

function isNetworkError(error: Error): boolean {
  return 'code' in error && !(error instanceof TypeError) && !(error instanceof RangeError);
}
