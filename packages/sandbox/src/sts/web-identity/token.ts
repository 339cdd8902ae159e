import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { type JsonObject, readJsonObject } from '../../http/json-object.ts';

/** A JSON web token taken apart, before anything in it is believed. */
export interface Token {
  readonly algorithm: Algorithm;
  readonly keyId: string | null;
  readonly claims: JsonObject;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** The algorithms that AWS accepts, with what each needs of a key. */
const algorithms = {
  RS256: { hash: 'sha256', keyType: 'rsa', curve: null },
  RS384: { hash: 'sha384', keyType: 'rsa', curve: null },
  RS512: { hash: 'sha512', keyType: 'rsa', curve: null },
  ES256: { hash: 'sha256', keyType: 'ec', curve: 'prime256v1' },
  ES384: { hash: 'sha384', keyType: 'ec', curve: 'secp384r1' },
  ES512: { hash: 'sha512', keyType: 'ec', curve: 'secp521r1' },
} as const;
type Algorithm = keyof typeof algorithms;

/** A key as an issuer publishes it. */
export type PublishedKey = JsonWebKey & { readonly kid?: unknown; readonly use?: unknown };

/** Null for what is no signed token, or is signed by an algorithm that AWS does not know. */
export function readToken(text: string): Token | null {
  const [head = '', body = '', tail = '', ...more] = text.split('.');
  if (more.length > 0 || ![head, body, tail].every((part) => /^[\w-]+$/.test(part))) return null;
  const header = readPart(head);
  const claims = readPart(body);
  const algorithm = header?.['alg'];
  if (!header || !claims || typeof algorithm !== 'string' || !isAlgorithm(algorithm)) return null;
  const keyId = header['kid'];
  return {
    algorithm,
    keyId: typeof keyId === 'string' ? keyId : null,
    claims,
    signed: Buffer.from(`${head}.${body}`),
    signature: Buffer.from(tail, 'base64url'),
  };
}

/** Whether one of the keys that the token may mean made its signature. */
export function isSignedBy(token: Token, keys: readonly PublishedKey[]): boolean {
  const { hash } = algorithms[token.algorithm];
  return candidates(token, keys).some((key) =>
    verify(hash, token.signed, { key, dsaEncoding: 'ieee-p1363' }, token.signature),
  );
}

/** Whether a key is published under the id that the token names, or any, where it names none. */
export function hasKeyFor(token: Token, keys: readonly PublishedKey[]): boolean {
  return candidates(token, keys).length > 0;
}

function candidates({ algorithm, keyId }: Token, keys: readonly PublishedKey[]): KeyObject[] {
  const { keyType, curve } = algorithms[algorithm];
  return keys
    .filter(({ kid, use }) => (keyId === null || kid === keyId) && (use ?? 'sig') === 'sig')
    .flatMap((key) => importKey(key) ?? [])
    .filter(
      (key) =>
        key.asymmetricKeyType === keyType &&
        (curve === null || key.asymmetricKeyDetails?.namedCurve === curve),
    );
}

function importKey(key: PublishedKey): KeyObject | null {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return null;
  }
}

function isAlgorithm(name: string): name is Algorithm {
  return Object.hasOwn(algorithms, name);
}

function readPart(part: string): JsonObject | null {
  return readJsonObject(Buffer.from(part, 'base64url').toString());
}
