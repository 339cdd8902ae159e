import { AwsError } from '../../http/aws-error.ts';
import { readJsonObject } from '../../http/json-object.ts';
import { keyArn } from '../../kms/key-arn.ts';
import type {
  BucketEncryption,
  KmsEncryption,
  ObjectEncryption,
} from '../../state/encryption-records.ts';
import { accessDenied, invalidArgument } from '../s3-error.ts';
import { bucketOf, type S3Request } from '../s3-operation.ts';
import { readCustomerKey, rememberKey } from './customer-key.ts';
import { findS3Key, useKmsKey } from './use-kms-key.ts';

const sse = 'x-amz-server-side-encryption';

/** How buckets are that nobody said anything about: customer-provided keys are blocked since April 2026. */
export const defaultEncryption: BucketEncryption = {
  algorithm: 'AES256',
  keyId: null,
  bucketKey: false,
  blocksCustomerKeys: true,
};

/**
 * Decides how the object of a request will be encrypted: as its headers ask, or
 * else as the bucket does by default. For a key of KMS the caller must be allowed
 * `kms:GenerateDataKey`.
 *
 * @returns undefined for S3's own keys.
 * @throws AwsError
 */
export function chooseEncryption(request: S3Request): ObjectEncryption | undefined {
  const { headers } = request.call.incoming;
  const bucketDefault = bucketOf(request).encryption ?? defaultEncryption;
  const asked = headers.get(sse);
  const customer = chooseCustomerKey(request, bucketDefault, asked);
  if (customer) return customer;
  const algorithm = readAlgorithm(asked ?? bucketDefault.algorithm);
  const sentKeyId = headers.get(`${sse}-aws-kms-key-id`);
  const context = readContext(headers.get(`${sse}-context`));
  if (!asked?.startsWith('aws:kms') && (sentKeyId !== undefined || context)) {
    throw invalidArgument(
      sse,
      asked ?? '',
      `Server Side Encryption with AWS KMS managed key requires HTTP header ${sse} : aws:kms`,
    );
  }
  if (algorithm === 'AES256') return undefined;
  // A request that asks for KMS and names no key means the key of AWS, whatever the bucket's is.
  const named = asked === undefined ? bucketDefault.keyId : (sentKeyId ?? null);
  return chooseKmsKey(request, named, {
    algorithm,
    context,
    bucketKey: readBucketKey(request, bucketDefault, algorithm),
  });
}

/** Refused before the key is looked at while the bucket blocks customer-provided keys. */
function chooseCustomerKey(
  request: S3Request,
  bucketDefault: BucketEncryption,
  asked: string | undefined,
): ObjectEncryption | null {
  const { headers } = request.call.incoming;
  const isAsked = [...headers.keys()].some((name) => name.startsWith(`${sse}-customer-`));
  if (!isAsked) return null;
  if (bucketDefault.blocksCustomerKeys) throw accessDenied();
  const key = readCustomerKey(request);
  if (!key) return null;
  if (asked === undefined) return rememberKey(key);
  throw invalidArgument(
    sse,
    asked,
    'Server Side Encryption with Customer provided key is incompatible with the encryption method specified',
  );
}

function chooseKmsKey(
  request: S3Request,
  named: string | null,
  how: Pick<KmsEncryption, 'algorithm' | 'context' | 'bucketKey'>,
): KmsEncryption {
  mustBeSignedAndSecure(request);
  const bucket = bucketOf(request);
  const found = findS3Key(request, named, bucket.region);
  const encryption: KmsEncryption = { type: 'kms', keyArn: keyArn(found.key), ...how };
  useKmsKey(request, 'kms:GenerateDataKey', found, encryption, {
    bucket: bucket.name,
    key: request.target.key ?? '',
    region: bucket.region,
  });
  return encryption;
}

/** @throws AwsError `InvalidArgument` for anonymous requests, and for such without TLS. */
export function mustBeSignedAndSecure({ authenticated, call }: S3Request): void {
  const start = 'Requests specifying Server Side Encryption with AWS KMS managed keys';
  if (!authenticated.claim) {
    const message = `${start} require AWS Signature Version 4.`;
    throw invalidArgument('Authorization', 'null', message);
  }
  if (call.incoming.tlsVersion === null) {
    throw new AwsError(400, 'InvalidArgument', `${start} must be made over a secure connection.`);
  }
}

function readAlgorithm(asked: string): BucketEncryption['algorithm'] {
  if (asked === 'AES256' || asked === 'aws:kms' || asked === 'aws:kms:dsse') return asked;
  throw invalidArgument(sse, asked, 'The encryption method specified is not supported');
}

/** Bucket keys are not supported with dual-layer encryption. */
function readBucketKey(
  { call }: S3Request,
  bucketDefault: BucketEncryption,
  algorithm: KmsEncryption['algorithm'],
): boolean {
  if (algorithm === 'aws:kms:dsse') return false;
  const sent = call.incoming.headers.get(`${sse}-bucket-key-enabled`);
  return sent === undefined ? bucketDefault.bucketKey : sent.toLowerCase() === 'true';
}

function readContext(sent: string | undefined): Record<string, string> | null {
  if (sent === undefined) return null;
  const context = parse(Buffer.from(sent, 'base64').toString());
  if (context) return context;
  throw invalidArgument(
    `${sse}-context`,
    sent,
    `The header '${sse}-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map`,
  );
}

function parse(json: string): Record<string, string> | null {
  const value = readJsonObject(json);
  if (!value) return null;
  const pairs = Object.entries(value);
  if (pairs.some(([, one]) => typeof one !== 'string')) return null;
  return Object.fromEntries(pairs) as Record<string, string>;
}
