import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import type { Manifest, PublicKeySet, UnsignedManifest } from '@causeway/contract';
import { canonicalJson } from './canonical-json.ts';

/** The operator's key for manifests. */
export interface SigningKey {
  /** The first 16 hex digits of the SHA-256 of the raw public key. */
  readonly publicKeyId: string;
  readonly publicKeys: PublicKeySet;
  readonly sign: (bytes: Uint8Array) => Buffer;
}

/** Makes a new Ed25519 key as PKCS #8 PEM, which {@link openSigningKey} reads. */
export function newSigningKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** @throws Error if the PEM holds no Ed25519 private key. */
export function openSigningKey(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem);
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new Error(
      `Cannot sign with a key of type "${privateKey.asymmetricKeyType}": it must be Ed25519`,
    );
  }
  const raw = rawPublicKey(createPublicKey(privateKey));
  const publicKeyId = createHash('sha256').update(raw).digest('hex').slice(0, 16);
  return {
    publicKeyId,
    publicKeys: {
      keys: [{ id: publicKeyId, algorithm: 'Ed25519', publicKey: raw.toString('base64') }],
    },
    sign: (bytes) => sign(null, bytes, privateKey),
  };
}

/** Signs the canonical JSON of everything but the signature itself. */
export function signManifest(manifest: UnsignedManifest, key: SigningKey): Manifest {
  const value = key.sign(Buffer.from(canonicalJson(manifest))).toString('base64');
  return {
    ...manifest,
    signature: { algorithm: 'Ed25519', publicKeyId: key.publicKeyId, value },
  };
}

/** Whether the manifest was signed by one of the keys and not touched since. */
export function verifySignature(
  manifest: Manifest,
  keys: PublicKeySet,
): 'valid' | 'invalid' | 'unknown_key' {
  const { signature, ...unsigned } = manifest;
  const known = keys.keys.find((key) => key.id === signature.publicKeyId);
  if (!known) return 'unknown_key';
  const publicKey = createPublicKey({
    key: {
      kty: 'OKP',
      crv: 'Ed25519',
      x: Buffer.from(known.publicKey, 'base64').toString('base64url'),
    },
    format: 'jwk',
  });
  const bytes = Buffer.from(canonicalJson(unsigned));
  return verify(null, bytes, publicKey, Buffer.from(signature.value, 'base64'))
    ? 'valid'
    : 'invalid';
}

function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
}
