import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KmsKeyRecord } from '../state/kms-records.ts';
import { kmsError } from './kms-error.ts';

export type EncryptionContext = Readonly<Record<string, string>>;

/**
 * What KMS hands out is opaque; here it is a version, the key's id, and what
 * AES-256-GCM makes of the plaintext, bound to the encryption context:
 *
 *     1 byte version | 16 bytes key id | 12 bytes nonce | 16 bytes tag | ciphertext
 */
const version = 1;
const nonceAt = 17;
const tagAt = 29;
const dataAt = 45;

export function seal(key: KmsKeyRecord, plaintext: Uint8Array, context: EncryptionContext): Buffer {
  const head = Buffer.concat([Buffer.of(version), Buffer.from(key.id.replaceAll('-', ''), 'hex')]);
  const nonce = randomBytes(tagAt - nonceAt);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), nonce);
  cipher.setAAD(additionalData(head, context));
  const data = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([head, nonce, cipher.getAuthTag(), data]);
}

/** @throws AwsError `InvalidCiphertextException` for what was changed, or another encryption context. */
export function open(key: KmsKeyRecord, sealed: Buffer, context: EncryptionContext): Buffer {
  const material = Buffer.from(key.material, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', material, sealed.subarray(nonceAt, tagAt));
  decipher.setAAD(additionalData(sealed.subarray(0, nonceAt), context));
  decipher.setAuthTag(sealed.subarray(tagAt, dataAt));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(dataAt)), decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
}

/**
 * The id of the key that a ciphertext says was used.
 *
 * @throws AwsError `InvalidCiphertextException` for what is no ciphertext.
 */
export function keyIdOf(sealed: Buffer): string {
  if (sealed.length < dataAt || sealed[0] !== version) throw invalidCiphertext();
  return sealed
    .toString('hex', 1, nonceAt)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** KMS says nothing at all about what is wrong with a ciphertext. */
export function invalidCiphertext() {
  return kmsError('InvalidCiphertextException', '');
}

/** The order of an encryption context does not matter. */
function additionalData(head: Buffer, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([head, Buffer.from(JSON.stringify(pairs))]);
}
