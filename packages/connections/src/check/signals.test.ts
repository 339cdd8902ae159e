import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Access } from '@causeway/contract';
import { signalOf, signals } from './signals.ts';

/** What AWS answers, and what it means: the error catalogue, one by one. */
const answers: readonly (readonly [
  code: string,
  message: string,
  cause: string,
  access?: Access,
])[] = [
  [
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided.',
    'request_altered',
    'role',
  ],
  [
    'InvalidAccessKeyId',
    'The AWS Access Key Id you provided does not exist in our records.',
    'session_token_invalid',
    'web_identity',
  ],
  [
    'RequestTimeTooSkewed',
    'The difference between the request time and the current time is too large.',
    'clock_skewed',
  ],
  [
    'SignatureDoesNotMatch',
    'Signature expired: 20261122T000000Z is now earlier than 20261122T001500Z',
    'clock_skewed',
  ],
  [
    'InvalidSignatureException',
    'Signature not yet current: 20261122T003000Z is still later',
    'clock_skewed',
  ],
  [
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided.',
    'secret_key_wrong',
  ],
  [
    'InvalidAccessKeyId',
    'The AWS Access Key Id you provided does not exist in our records.',
    'access_key_unknown',
  ],
  [
    'InvalidClientTokenId',
    'The security token included in the request is invalid.',
    'access_key_unknown',
  ],
  [
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
    'access_key_unknown',
  ],
  ['ExpiredToken', 'The provided token has expired.', 'credentials_expired'],
  [
    'InvalidToken',
    'The provided token is malformed or otherwise invalid.',
    'session_token_invalid',
  ],
  [
    'RegionDisabledException',
    'STS is not activated in this region for account',
    'sts_region_disabled',
  ],
  [
    'PackedPolicyTooLarge',
    'Packed size of session policy is larger than allowed',
    'session_policy_too_large',
  ],
  [
    'ValidationError',
    'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    'session_too_long',
  ],
  [
    'ValidationError',
    'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    'session_too_long',
  ],
  ['NoSuchBucket', 'The specified bucket does not exist', 'bucket_not_found'],
  [
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint.',
    'region_wrong',
  ],
  [
    'AuthorizationHeaderMalformed',
    "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
    'region_wrong',
  ],
  [
    'IllegalLocationConstraintException',
    'The unspecified location constraint is incompatible',
    'region_wrong',
  ],
  [
    'TemporaryRedirect',
    'Please re-send this request to the specified temporary endpoint.',
    'bucket_settling',
  ],
  ['AllAccessDisabled', 'All access to this object has been disabled', 'bucket_disabled'],
  ['AccountProblem', 'There is a problem with your AWS account', 'account_problem'],
  [
    'NotSignedUp',
    'Your account is not signed up for the Amazon S3 service.',
    'account_not_signed_up',
  ],
  [
    'OptInRequired',
    'The AWS Access Key Id needs a subscription for the service',
    'account_not_signed_up',
  ],
  ['AccessControlListNotSupported', 'The bucket does not allow ACLs', 'acl_refused'],
  [
    'InvalidBucketAclWithObjectOwnership',
    'Bucket cannot have ACLs set with ObjectOwnership',
    'acl_refused',
  ],
  ['KMS.NotFoundException', 'Invalid keyId aws/s3', 'kms_key_missing'],
  [
    'KMS.DisabledException',
    'arn:aws:kms:us-east-1:222222222222:key/k is disabled.',
    'kms_key_disabled',
  ],
  [
    'KMS.KMSInvalidStateException',
    'arn:aws:kms:us-east-1:222222222222:key/k is pending deletion.',
    'kms_key_deleting',
  ],
  [
    'InvalidRequest',
    'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
    'object_locked',
  ],
  [
    'InvalidObjectState',
    "The operation is not valid for the object's storage class",
    'object_archived',
  ],
  [
    'NotImplemented',
    'A header you provided implies functionality that is not implemented',
    'not_supported',
  ],
  ['ENOTFOUND', 'getaddrinfo ENOTFOUND acme-data.s3.example.com', 'endpoint_not_found'],
];

describe('signalOf()', () => {
  for (const [code, message, cause, access = 'access_key'] of answers) {
    it(`reads ${code} "${message.slice(0, 40)}" as ${cause}, by ${access}`, () => {
      assert.equal(signalOf(code, message, access)?.cause, cause);
    });
  }

  it('is asked about every signal of the catalogue', () => {
    const asked = new Set(
      answers.map(([code, message, , access = 'access_key']) => signalOf(code, message, access)),
    );

    assert.deepEqual(
      signals.filter((signal) => !asked.has(signal)).map(({ codes }) => codes),
      [],
    );
  });

  it('claims nothing of an answer that it does not know', () => {
    assert.equal(signalOf('ValidationError', '1 validation error detected', 'role'), null);
    assert.equal(signalOf('InvalidRequest', 'Missing required header', 'role'), null);
    assert.equal(signalOf('FutureException', '', 'role'), null);
  });
});
