import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CausewayError, newId } from '@causeway/contract';
import type { KeyRing } from './key-ring.ts';
import { Secret } from './secret.ts';
import type { SecretBinding, SecretPlace } from './secret-place.ts';

/** A data key as it is stored: wrapped by one of the ring's keys. */
export interface WrappedKey {
  readonly keyId: string;
  readonly wrappedKey: Buffer;
}

/** A secret as it is stored. */
export interface SealedSecret extends SecretBinding, WrappedKey {
  readonly nonce: Buffer;
  /** With the 16 bytes of the tag at its end. */
  readonly ciphertext: Buffer;
}

const algorithm = 'aes-256-gcm';
const tagBytes = 16;

/**
 * Encrypts a secret with AES-256-GCM under a data key of its own, which the ring's
 * newest key wraps. Each data key encrypts once, so no nonce is ever used twice
 * under one key, whatever the random numbers are.
 */
export async function sealSecret(
  ring: KeyRing,
  place: SecretPlace,
  value: Secret<string>,
): Promise<SealedSecret> {
  const { customerId, connectionId, field } = place;
  const binding = { customerId, connectionId, field, version: newId('secret') };
  const key = await ring.newest();
  const { dataKey, wrappedKey } = await key.newDataKey(binding);
  const nonce = randomBytes(12);
  const cipher = createCipheriv(algorithm, dataKey, nonce).setAAD(associatedData(binding));
  const body = Buffer.concat([cipher.update(value.reveal(), 'utf8'), cipher.final()]);
  dataKey.fill(0);
  const ciphertext = Buffer.concat([body, cipher.getAuthTag()]);
  return { ...binding, keyId: key.id, wrappedKey, nonce, ciphertext };
}

/**
 * @throws CausewayError `secret_not_readable` when its key is not in the ring, or when a
 * single bit of it, of its key or of what it is bound to has changed.
 */
export async function openSecret(ring: KeyRing, sealed: SealedSecret): Promise<Secret<string>> {
  const dataKey = await unwrap(ring, sealed);
  try {
    return new Secret(decrypt(sealed, dataKey));
  } catch (cause) {
    throw notReadable(sealed, 'it was changed or belongs elsewhere', cause);
  } finally {
    dataKey.fill(0);
  }
}

/**
 * Wraps the data key anew with the ring's newest key. The ciphertext stays, so a
 * reader of before and one of after get the same.
 *
 * @throws CausewayError `secret_not_readable` as {@link openSecret}.
 */
export async function rewrapSecret(ring: KeyRing, sealed: SealedSecret): Promise<WrappedKey> {
  const dataKey = await unwrap(ring, sealed);
  try {
    const to = await ring.newest();
    return { keyId: to.id, wrappedKey: await to.wrap(dataKey, sealed) };
  } finally {
    dataKey.fill(0);
  }
}

async function unwrap(ring: KeyRing, sealed: SealedSecret): Promise<Buffer> {
  const key = await ring.find(sealed.keyId);
  if (!key) throw notReadable(sealed, `its key "${sealed.keyId}" is not in the key ring`);
  const dataKey = await key.unwrap(sealed.wrappedKey, sealed);
  if (!dataKey) throw notReadable(sealed, `key "${sealed.keyId}" does not open it`);
  return dataKey;
}

function decrypt({ nonce, ciphertext, ...binding }: SealedSecret, dataKey: Buffer): string {
  const decipher = createDecipheriv(algorithm, dataKey, nonce, { authTagLength: tagBytes });
  decipher.setAAD(associatedData(binding)).setAuthTag(ciphertext.subarray(-tagBytes));
  const body = decipher.update(ciphertext.subarray(0, -tagBytes));
  return Buffer.concat([body, decipher.final()]).toString('utf8');
}

/** JSON keeps the parts apart: no two bindings have the same text. */
export function associatedData(binding: SecretBinding): Buffer {
  const { customerId, connectionId, field, version } = binding;
  return Buffer.from(JSON.stringify([customerId, connectionId, field, version]));
}

function notReadable(place: SecretPlace, reason: string, cause?: unknown): CausewayError {
  const of = place.connectionId ?? 'the operator';
  return new CausewayError('secret_not_readable', { of, field: place.field, reason }, { cause });
}
