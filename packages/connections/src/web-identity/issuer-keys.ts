import type { SealedSecret } from '../secrets/envelope.ts';
import type { SecretPlace } from '../secrets/secret-place.ts';

/**
 * A key of the issuer, by when it does what:
 *
 * - `next`: from its making until `signsFrom`. Published, so that it is known everywhere
 *   before the first token needs it.
 * - `signing`: from `signsFrom` until the `signsFrom` of the key after it.
 * - `retired`: from then on for {@link keptMs}, until the last of its tokens has expired.
 *   Published, and signs nothing.
 *
 * It is deleted by the first change of the keys after that.
 */
export interface IssuerKey {
  /** Its thumbprint (RFC 7638), so that no two keys have the same. */
  readonly id: string;
  readonly publicKey: RsaPublicKey;
  readonly createdAt: string;
  readonly signsFrom: string;
}

/** As in a JSON Web Key Set. */
export interface RsaPublicKey {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
}

export type IssuerKeyState = 'next' | 'signing' | 'retired';

export interface IssuerKeyChange {
  readonly add?: { readonly key: IssuerKey; readonly privateKey: SealedSecret };
  /** Ids; their private keys go with them. */
  readonly drop: readonly string[];
}

/** Where the keys of the issuer are kept, for all processes that sign. */
export interface IssuerKeyStore {
  /** In the order in which they sign. */
  list(): Promise<IssuerKey[]>;
  /**
   * Changes the keys with nobody else changing them meanwhile. Null leaves them.
   *
   * @returns the keys after that, in the order in which they sign
   */
  change(
    decide: (keys: readonly IssuerKey[]) => Promise<IssuerKeyChange | null>,
  ): Promise<IssuerKey[]>;
}

/** Where the private half is, among the secrets of the operator. */
export function privateKeyPlace(id: string): SecretPlace {
  return { customerId: null, connectionId: null, field: `issuer_key/${id}` };
}

const hourMs = 3_600_000;

/**
 * How long a new key is published before it signs. AWS and proxies keep the published
 * keys for a time that AWS does not tell; a day is as long as such caches usually last.
 */
export const publishedAheadMs = 24 * hourMs;

/**
 * How long a retired key is published: tokens are good for ten minutes, AWS takes them
 * for five more, and clocks differ; an hour is well beyond that.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html
 */
const keptMs = hourMs;

/** The age at which a key is replaced without being asked, as is usual for signing keys. */
const rotatedAfterMs = 90 * 24 * hourMs;

/** The key that signs: the last whose time has come. */
export function signingKeyOf(keys: readonly IssuerKey[], now: Date): IssuerKey | undefined {
  return keys.findLast((key) => Date.parse(key.signsFrom) <= now.getTime());
}

export function stateOf(key: IssuerKey, keys: readonly IssuerKey[], now: Date): IssuerKeyState {
  if (Date.parse(key.signsFrom) > now.getTime()) return 'next';
  return signingKeyOf(keys, now)?.id === key.id ? 'signing' : 'retired';
}

/** When it is published no longer; null while no key comes after it. */
export function publishedUntil(key: IssuerKey, keys: readonly IssuerKey[]): Date | null {
  const successor = keys[keys.findIndex(({ id }) => id === key.id) + 1];
  return successor ? new Date(Date.parse(successor.signsFrom) + keptMs) : null;
}

/** The keys with which a token that is good now may be signed, or soon. */
export function publishedKeys(keys: readonly IssuerKey[], now: Date): IssuerKey[] {
  return keys.filter((key) => {
    const end = publishedUntil(key, keys);
    return end === null || end > now;
  });
}

/** Whether there is no key to sign with, or the newest is so old that another is due. */
export function isKeyDue(keys: readonly IssuerKey[], now: Date): boolean {
  const newest = keys.at(-1);
  if (!newest || !signingKeyOf(keys, now)) return true;
  return Date.parse(newest.createdAt) + rotatedAfterMs <= now.getTime();
}
