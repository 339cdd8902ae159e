import {
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
  type KMSServiceException,
} from '@aws-sdk/client-kms';
import { CausewayError } from '@causeway/contract';
import type { CredentialSource } from '@causeway/objectstore';
import { awsTimeouts } from '../aws-timeouts.ts';
import type { KeyEncryptionKey } from './key-ring.ts';
import type { SecretBinding } from './secret-place.ts';

export interface KmsAccess {
  readonly credentials: CredentialSource;
  readonly endpoint?: string;
}

const keyArn = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):[0-9]{12}:key\/[A-Za-z0-9-]+$/;

/**
 * A key of AWS KMS, named by its ARN. What a secret belongs to is the encryption
 * context: KMS refuses to decrypt with another one, and CloudTrail shows it.
 * https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
 *
 * Needs `kms:GenerateDataKey` and `kms:Decrypt`; `kms:Encrypt` to be rotated to.
 *
 * Its calls throw CausewayError `store_refused` or `store_unavailable`, and what `credentials` throws.
 */
export function kmsKey(arn: string, access: KmsAccess): KeyEncryptionKey {
  const region = keyArn.exec(arn)?.[1];
  if (region === undefined) throw new Error(`Cannot use "${arn}": it is not the ARN of a KMS key`);
  const { endpoint, credentials } = access;
  const client = new KMSClient({
    region,
    credentials,
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts: 4,
    requestHandler: awsTimeouts,
  });
  return {
    id: kmsKeyId(arn),
    async newDataKey(binding) {
      const command = new GenerateDataKeyCommand({
        KeyId: arn,
        KeySpec: 'AES_256',
        EncryptionContext: contextOf(binding),
      });
      const answer = await client.send(command).catch(refuse('kms:GenerateDataKey'));
      return { dataKey: bytes(answer.Plaintext), wrappedKey: bytes(answer.CiphertextBlob) };
    },
    async wrap(dataKey, binding) {
      const EncryptionContext = contextOf(binding);
      const command = new EncryptCommand({ KeyId: arn, Plaintext: dataKey, EncryptionContext });
      return bytes((await client.send(command).catch(refuse('kms:Encrypt'))).CiphertextBlob);
    },
    async unwrap(wrappedKey, binding) {
      const command = new DecryptCommand({
        KeyId: arn,
        CiphertextBlob: wrappedKey,
        EncryptionContext: contextOf(binding),
      });
      try {
        return bytes((await client.send(command)).Plaintext);
      } catch (error) {
        const { name } = error as KMSServiceException;
        if (name === 'InvalidCiphertextException' || name === 'IncorrectKeyException') return null;
        return refuse('kms:Decrypt')(error);
      }
    },
  };
}

const idPrefix = 'kms:';

function kmsKeyId(arn: string): string {
  return `${idPrefix}${arn}`;
}

/** The key that an id of this kind names; null for the ids of other kinds. */
export function findKmsKey(keyId: string, access: KmsAccess): KeyEncryptionKey | null {
  const arn = keyId.startsWith(idPrefix) ? keyId.slice(idPrefix.length) : '';
  return keyArn.test(arn) ? kmsKey(arn, access) : null;
}

/** Parts that are null are left out: an empty text could not be told from them. */
function contextOf({ customerId, connectionId, field, version }: SecretBinding) {
  return {
    ...(customerId !== null && { 'causeway:customer': customerId }),
    ...(connectionId !== null && { 'causeway:connection': connectionId }),
    'causeway:field': field,
    'causeway:version': version,
  };
}

function bytes(found: Uint8Array | undefined): Buffer {
  if (!found) throw new Error('Cannot use the answer of KMS: it holds no key');
  return Buffer.from(found);
}

function refuse(operation: string) {
  return (error: unknown): never => {
    // There are no credentials to sign with.
    if (error instanceof CausewayError) throw error;
    const { name, message, $metadata } = error as KMSServiceException;
    const status = $metadata?.httpStatusCode;
    if (status === undefined || status >= 500 || name === 'ThrottlingException') {
      throw new CausewayError(
        'store_unavailable',
        { operation, reason: message },
        { cause: error },
      );
    }
    const details = { operation, code: name, reason: message };
    throw new CausewayError('store_refused', details, { cause: error });
  };
}
