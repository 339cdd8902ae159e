import { randomBytes } from 'node:crypto';
import type { ObjectEncryption } from '../../state/encryption-records.ts';

const sse = 'x-amz-server-side-encryption';

/** What answers say of the encryption of an object. */
export function encryptionHeaders(
  encryption: ObjectEncryption | undefined,
): Record<string, string> {
  if (!encryption) return { [sse]: 'AES256' };
  if (encryption.type === 'customer') {
    return {
      [`${sse}-customer-algorithm`]: 'AES256',
      [`${sse}-customer-key-md5`]: encryption.keyMd5,
    };
  }
  return {
    [sse]: encryption.algorithm,
    [`${sse}-aws-kms-key-id`]: encryption.keyArn,
    ...(encryption.bucketKey && { [`${sse}-bucket-key-enabled`]: 'true' }),
  };
}

/** Answers to uploads repeat the encryption context that was sent. */
export function uploadEncryptionHeaders(
  encryption: ObjectEncryption | undefined,
): Record<string, string> {
  const headers = encryptionHeaders(encryption);
  if (encryption?.type !== 'kms' || !encryption.context) return headers;
  const context = Buffer.from(JSON.stringify(encryption.context)).toString('base64');
  return { ...headers, [`${sse}-context`]: context };
}

/**
 * The ETag of bytes. It is their MD5 only as long as S3's own keys encrypt them.
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html}
 */
export function etagOf(md5: string, encryption: ObjectEncryption | undefined): string {
  return encryption ? randomBytes(16).toString('hex') : md5;
}
