import type { Access, CauseCode, FixTarget, Side } from '@causeway/contract';

/** What an answer of AWS that is not about access means, and what to do about it. */
export interface Signal {
  /** AWS's error codes; `status` alone stands for answers without a body. */
  readonly codes: readonly string[];
  /** What the message must say besides. */
  readonly message?: RegExp;
  readonly cause: CauseCode;
  /** Where it differs from the cause's usual one. */
  readonly side?: Side;
  /** Whether it is about a key that somebody entered, or about a session that AWS gave; both if not said. */
  readonly of?: 'key' | 'session';
  readonly fix: { readonly document: FixTarget; readonly text: string };
}

const connection = (text: string) => ({ document: 'connection', text }) as const;
const bucket = (text: string) => ({ document: 'bucket', text }) as const;
const key = (text: string) => ({ document: 'key', text }) as const;
const accessKey = (text: string) => ({ document: 'accessKey', text }) as const;

/**
 * The error catalogue: the first signal that fits an answer says what it means. What is
 * transient is not here: it is no finding, and `attempt` throws it.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
export const signals: readonly Signal[] = [
  {
    codes: ['RequestTimeTooSkewed', 'RequestExpired'],
    cause: 'clock_skewed',
    fix: connection("Set the clock of Causeway's host right, by NTP, then check again"),
  },
  {
    // STS has no code of its own for a clock that is off.
    codes: ['SignatureDoesNotMatch', 'InvalidSignatureException'],
    message: /Signature (expired|not yet current)/,
    cause: 'clock_skewed',
    fix: connection("Set the clock of Causeway's host right, by NTP, then check again"),
  },
  {
    // STS has made the secret itself, so what was signed is not what arrived.
    codes: ['SignatureDoesNotMatch', 'InvalidSignatureException'],
    of: 'session',
    cause: 'request_altered',
    fix: connection(
      'Let Causeway reach AWS without a proxy that changes requests, and see that its process has the right secret of its own',
    ),
  },
  {
    codes: ['InvalidAccessKeyId', 'InvalidClientTokenId', 'UnrecognizedClientException'],
    of: 'session',
    cause: 'session_token_invalid',
    fix: connection('Check again: Causeway asks for a new session'),
  },
  {
    codes: ['SignatureDoesNotMatch', 'InvalidSignatureException'],
    cause: 'secret_key_wrong',
    fix: accessKey('Enter the access key and its secret again, without spaces around them'),
  },
  {
    codes: ['InvalidAccessKeyId', 'InvalidClientTokenId', 'UnrecognizedClientException'],
    cause: 'access_key_unknown',
    fix: accessKey('See in IAM that the access key exists and is active, or enter a new one'),
  },
  {
    codes: ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'],
    cause: 'credentials_expired',
    fix: connection('Check again: Causeway asks for a new session'),
  },
  {
    codes: ['InvalidToken'],
    cause: 'session_token_invalid',
    fix: connection('Check again: Causeway asks for a new session'),
  },
  {
    codes: ['RegionDisabledException'],
    cause: 'sts_region_disabled',
    fix: connection(
      'Activate the STS endpoint of this region in the account settings of IAM, or run Causeway in a region where it is',
    ),
  },
  {
    codes: ['PackedPolicyTooLarge', 'PackedPolicyTooLargeException'],
    cause: 'session_policy_too_large',
    fix: connection('Give the connection a shorter prefix'),
  },
  {
    codes: ['ValidationError'],
    message: /session limit|MaxSessionDuration/,
    cause: 'session_too_long',
    fix: connection('Let the role give sessions of one hour: set MaxSessionDuration to 3600'),
  },
  {
    codes: ['NoSuchBucket'],
    cause: 'bucket_not_found',
    fix: bucket('Create the bucket, or connect the right name'),
  },
  {
    codes: [
      'PermanentRedirect',
      'AuthorizationHeaderMalformed',
      'IllegalLocationConstraintException',
      'IncorrectEndpoint',
    ],
    cause: 'region_wrong',
    fix: connection('Check again: the region is found anew at each check'),
  },
  {
    codes: ['TemporaryRedirect'],
    cause: 'bucket_settling',
    fix: bucket('Wait some minutes, then check again'),
  },
  {
    codes: ['AllAccessDisabled'],
    cause: 'bucket_disabled',
    fix: bucket('Ask AWS Support why all access to the bucket is disabled'),
  },
  {
    codes: ['AccountProblem', 'InvalidPayer'],
    cause: 'account_problem',
    fix: bucket('Ask AWS Support what is wrong with the account'),
  },
  {
    codes: ['NotSignedUp', 'OptInRequired', 'SubscriptionRequiredException'],
    cause: 'account_not_signed_up',
    fix: bucket('Sign the account up for Amazon S3'),
  },
  {
    codes: ['AccessControlListNotSupported', 'InvalidBucketAclWithObjectOwnership'],
    cause: 'acl_refused',
    fix: {
      document: 'bucketPolicy',
      text: 'Take the demand for an access control list out of the bucket policy: the bucket takes none, and its owner owns every object',
    },
  },
  {
    codes: ['KMS.NotFoundException'],
    cause: 'kms_key_missing',
    fix: key(
      "Set the bucket's default encryption, and the connection's own key if it has one, to a key that exists in the bucket's region, by its whole ARN",
    ),
  },
  {
    codes: ['KMS.DisabledException'],
    cause: 'kms_key_disabled',
    fix: key("Enable the key, or set the bucket's default encryption to another one"),
  },
  {
    codes: ['KMS.KMSInvalidStateException', 'KMS.InvalidStateException'],
    cause: 'kms_key_deleting',
    fix: key(
      "Cancel the deletion of the key and enable it, or set the bucket's default encryption to another one",
    ),
  },
  {
    codes: ['InvalidRequest'],
    message: /Object Lock/,
    cause: 'object_locked',
    fix: bucket(
      "Take the default retention off the bucket's Object Lock, or connect another bucket",
    ),
  },
  {
    codes: ['InvalidObjectState'],
    cause: 'object_archived',
    fix: bucket(
      'Restore the object, or keep files that are to be read out of archive storage classes',
    ),
  },
  {
    codes: ['NotImplemented', 'MethodNotAllowed'],
    cause: 'not_supported',
    fix: connection('Connect a store that has this operation of S3'),
  },
  {
    codes: ['ENOTFOUND', 'ERR_TLS_CERT_ALTNAME_INVALID', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    cause: 'endpoint_not_found',
    fix: connection('Correct the endpoint of the connection, or the DNS that Causeway asks'),
  },
];

/**
 * What an answer means beside access; null for one that is not in the catalogue. Only by
 * `access_key` are the credentials somebody's own.
 */
export function signalOf(code: string, message: string, access: Access): Signal | null {
  const kind = access === 'access_key' ? 'key' : 'session';
  return (
    signals.find(
      (signal) =>
        signal.codes.includes(code) &&
        (signal.of ?? kind) === kind &&
        (signal.message?.test(message) ?? true),
    ) ?? null
  );
}
