/** Encrypted by KMS, under a key and an encryption context. */
export interface KmsEncryption {
  readonly type: 'kms';
  readonly algorithm: 'aws:kms' | 'aws:kms:dsse';
  readonly keyArn: string;
  /** What the sender added to the encryption context, or null. */
  readonly context: Readonly<Record<string, string>> | null;
  readonly bucketKey: boolean;
}

/**
 * Encrypted by a key that its owner sends along each time. The key is not kept,
 * only what is needed to know it again.
 */
export interface CustomerEncryption {
  readonly type: 'customer';
  /** Base64, as it was sent. */
  readonly keyMd5: string;
  readonly salt: string;
  /** HMAC-SHA256 of the key. */
  readonly verifier: string;
}

/**
 * By whose keys an object is encrypted; S3's own when there is none. Who may read it is decided
 * by this, but the bytes on disk are as they came: nobody but the sandbox reads them.
 */
export type ObjectEncryption = KmsEncryption | CustomerEncryption;

/** What a bucket does with objects that come without a word about encryption. */
export interface BucketEncryption {
  readonly algorithm: 'AES256' | KmsEncryption['algorithm'];
  /** As it was sent: an id, an ARN or an alias. Null: the key that AWS manages for S3. */
  readonly keyId: string | null;
  readonly bucketKey: boolean;
  /** Whether uploads with customer-provided keys are refused. */
  readonly blocksCustomerKeys: boolean;
}
