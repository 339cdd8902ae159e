import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../../http/aws-error.ts';
import type { CustomerEncryption } from '../../state/encryption-records.ts';
import { accessDenied } from '../s3-error.ts';
import type { S3Request } from '../s3-operation.ts';

/** A key that came with a request: SSE-C. */
export interface CustomerKey {
  readonly key: Buffer;
  readonly md5: string;
}

const argument = 'x-amz-server-side-encryption';

/**
 * Reads the key that a request brings along for the object it writes or reads, or,
 * with the prefix of copies, for the object it copies from.
 *
 * @throws AwsError when headers of a key are there and do not make one.
 */
export function readCustomerKey(
  request: S3Request,
  prefix: 'x-amz-' | 'x-amz-copy-source-' = 'x-amz-',
): CustomerKey | null {
  const { headers } = request.call.incoming;
  const name = `${prefix}server-side-encryption-customer`;
  const algorithm = headers.get(`${name}-algorithm`);
  const key = headers.get(`${name}-key`);
  const md5 = headers.get(`${name}-key-md5`);
  if (algorithm === undefined && key === undefined && md5 === undefined) return null;
  if (request.call.incoming.tlsVersion === null) {
    throw invalidRequest(`${requestsSpecifying} must be made over a secure connection.`);
  }
  if (algorithm === undefined) throw mustProvide('a valid encryption algorithm');
  if (algorithm !== 'AES256') {
    throw new AwsError(
      400,
      'InvalidEncryptionAlgorithmError',
      'The Encryption request you specified is not valid. Supported value: AES256.',
      { fields: { ArgumentName: argument, ArgumentValue: algorithm } },
    );
  }
  if (key === undefined) throw mustProvide('an appropriate secret key');
  if (md5 === undefined) throw mustProvide('the client calculated MD5 of the secret key');
  return checkKey(Buffer.from(key, 'base64'), md5);
}

/** What is kept of a key, so that it is known again. */
export function rememberKey({ key, md5 }: CustomerKey): CustomerEncryption {
  const salt = randomBytes(16).toString('base64');
  return { type: 'customer', keyMd5: md5, salt, verifier: verifierOf(key, salt) };
}

export function isSameKey({ key }: CustomerKey, { salt, verifier }: CustomerEncryption): boolean {
  return timingSafeEqual(
    Buffer.from(verifierOf(key, salt), 'base64'),
    Buffer.from(verifier, 'base64'),
  );
}

/**
 * Refuses a read without the very key that the object was written with.
 *
 * @param sent the key of the request, or null.
 */
export function mustKnowKey(sent: CustomerKey | null, encryption: CustomerEncryption): void {
  if (!sent) {
    throw invalidRequest(
      'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
    );
  }
  if (!isSameKey(sent, encryption)) {
    throw accessDenied(`${requestsSpecifying} must provide the correct secret key.`);
  }
}

export function invalidRequest(message: string): AwsError {
  return new AwsError(400, 'InvalidRequest', message);
}

const requestsSpecifying = 'Requests specifying Server Side Encryption with Customer provided keys';

function checkKey(key: Buffer, md5: string): CustomerKey {
  if (key.length !== 32) {
    throw invalidArgument('The secret key was invalid for the specified algorithm.');
  }
  if (createHash('md5').update(key).digest('base64') !== md5) {
    throw invalidArgument(
      'The calculated MD5 hash of the key did not match the hash that was provided.',
    );
  }
  return { key, md5 };
}

function mustProvide(what: string): AwsError {
  return invalidArgument(`${requestsSpecifying} must provide ${what}.`);
}

/** S3 names the argument without its value, which may be the key. */
function invalidArgument(message: string): AwsError {
  return new AwsError(400, 'InvalidArgument', message, { fields: { ArgumentName: argument } });
}

function verifierOf(key: Buffer, salt: string): string {
  return createHmac('sha256', Buffer.from(salt, 'base64')).update(key).digest('base64');
}
