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

/**
 * Opens the keys of a PEM file, which may hold several: the last private key signs, and all are
 * published, so that what was signed before a rotation can be verified for ever. Of an older key
 * the public part is enough.
 *
 * @throws Error if the PEM holds no Ed25519 private key, or a key that is no Ed25519 key.
 */
export function openSigningKey(pem: string): SigningKey {
  const blocks = readBlocks(pem);
  const newest = blocks.findLast(({ type }) => type === 'PRIVATE KEY');
  if (!newest) throw new Error('Cannot sign: there is no private key in PEM');
  const privateKey = createPrivateKey(newest.pem);
  const published = [newest, ...blocks.filter((block) => block !== newest).toReversed()];
  const keys = new Map(
    published.map((block) => publicEntry(block.pem)).map((key) => [key.id, key]),
  );
  const [first] = keys.keys();
  return {
    publicKeyId: first ?? '',
    publicKeys: { keys: [...keys.values()] },
    sign: (bytes) => sign(null, bytes, privateKey),
  };
}

/**
 * The same file with a new key that signs from now on. Of the earlier keys only the public parts
 * stay: they verify, and nobody can sign with them any more.
 *
 * @throws Error as {@link openSigningKey}.
 */
export function rotateSigningKeyPem(pem: string): string {
  openSigningKey(pem);
  const retired = readBlocks(pem).map((block) =>
    createPublicKey(block.pem).export({ type: 'spki', format: 'pem' }).toString(),
  );
  return [...retired, newSigningKeyPem()].join('');
}

/** A public key of 32 raw bytes in base64, as a receiver may pin it. */
export function publicKeyEntry(publicKey: string): PublicKeySet['keys'][number] {
  const raw = Buffer.from(publicKey, 'base64');
  const id = createHash('sha256').update(raw).digest('hex').slice(0, 16);
  return { id, algorithm: 'Ed25519', publicKey: raw.toString('base64') };
}

interface Block {
  readonly type: 'PRIVATE KEY' | 'PUBLIC KEY';
  readonly pem: string;
}

function readBlocks(pem: string): Block[] {
  const blocks = pem.matchAll(/-----BEGIN (PRIVATE|PUBLIC) KEY-----[^-]+-----END \1 KEY-----/g);
  return Array.from(blocks, ([text, kind]) => ({
    type: `${kind} KEY` as Block['type'],
    pem: text,
  }));
}

function publicEntry(pem: string): PublicKeySet['keys'][number] {
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new Error(
      `Cannot sign with a key of type "${key.asymmetricKeyType}": it must be Ed25519`,
    );
  }
  return publicKeyEntry(rawPublicKey(key).toString('base64'));
}

/** Signs the canonical JSON of everything but the signature itself. */
export function signManifest(manifest: UnsignedManifest, key: SigningKey): Manifest {
  const value = key.sign(Buffer.from(canonicalJson(manifest))).toString('base64');
  return {
    ...manifest,
    signature: { algorithm: 'Ed25519', publicKeyId: key.publicKeyId, value },
  };
}

/**
 * Whether the manifest was signed by one of the keys and not touched since. It must be whole,
 * as it was parsed from its text: members that this version does not know are signed, too.
 */
export function verifySignature(
  manifest: Pick<Manifest, 'signature'>,
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
