import {
  createHash,
  createPrivateKey,
  generateKeyPair,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { promisify } from 'node:util';
import { CausewayError, type IssuerState } from '@causeway/contract';
import { Secret } from '../secrets/secret.ts';
import type { SecretVault } from '../secrets/secret-vault.ts';
import {
  type IssuerKey,
  type IssuerKeyChange,
  type IssuerKeyStore,
  isKeyDue,
  privateKeyPlace,
  publishedAheadMs,
  publishedKeys,
  publishedUntil,
  type RsaPublicKey,
  signingKeyOf,
  stateOf,
} from './issuer-keys.ts';
import type { TokenClaims } from './token-claims.ts';

/** Causeway as an OpenID Connect issuer, in as far as AWS needs one. */
export interface TokenIssuer {
  /** As it stands in `iss` and in the customers' trust policies. */
  readonly url: string;
  /** What is served at `/.well-known/openid-configuration`. */
  readonly discovery: DiscoveryDocument;
  /** What is served at `/.well-known/jwks.json`. */
  publicKeys(): Promise<JsonWebKeySet>;
  /** A token for one use, good for {@link tokenSeconds} from now. */
  sign(claims: Pick<TokenClaims, 'audience' | 'subject'>): Promise<string>;
  state(): Promise<IssuerState>;
  /**
   * Makes a new key that signs a day from now, when it is known everywhere; a second
   * call before that changes nothing. `immediately` is for a key that has leaked: the new
   * one signs at once, and the others are withdrawn with every token that they have signed.
   */
  rotate(options: { readonly immediately: boolean }): Promise<IssuerState>;
}

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata */
export interface DiscoveryDocument {
  readonly issuer: string;
  readonly jwks_uri: string;
  readonly response_types_supported: readonly string[];
  readonly subject_types_supported: readonly string[];
  readonly id_token_signing_alg_values_supported: readonly string[];
  readonly claims_supported: readonly string[];
}

export interface JsonWebKeySet {
  readonly keys: readonly PublishedKey[];
}

interface PublishedKey extends RsaPublicKey {
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: typeof algorithm;
}

export interface IssuerDeps {
  readonly url: string;
  readonly audience: string;
  readonly keys: IssuerKeyStore;
  readonly secrets: Pick<SecretVault, 'seal' | 'read'>;
  readonly now?: () => Date;
}

/** AWS takes elliptic curves only since 2024, and other consumers of the keys may not at all. */
const algorithm = 'RS256';
const modulusLength = 2048;

/** As long as a token is good: it is shown to STS at once, so minutes are plenty. */
export const tokenSeconds = 600;

/** Receivers whose clock is behind must not take a token for one of the future. */
const clockLeewaySeconds = 60;

/**
 * The issuer of this Causeway. Its keys are made at first use and shared by all
 * processes on one database; private halves are kept sealed, and in memory once used.
 */
export function createIssuer({
  url,
  audience,
  keys: store,
  secrets,
  now = () => new Date(),
}: IssuerDeps): TokenIssuer {
  const opened = new Map<string, KeyObject>();
  const currentKeys = async () => {
    const keys = await store.list();
    if (!isKeyDue(keys, now())) return keys;
    return store.change(async (found) =>
      isKeyDue(found, now()) ? nextKey(found, secrets, now()) : null,
    );
  };
  const privateKey = async (id: string) => {
    const known = opened.get(id);
    if (known) return known;
    const secret = await secrets.read(privateKeyPlace(id));
    if (!secret) throw new Error(`Cannot sign with issuer key "${id}": its private half is gone`);
    const key = createPrivateKey(secret.reveal());
    opened.set(id, key);
    return key;
  };
  const toState = (keys: readonly IssuerKey[]): IssuerState => ({
    url,
    audience,
    keys: publishedKeys(keys, now()).map((key) => ({
      id: key.id,
      algorithm,
      state: stateOf(key, keys, now()),
      createdAt: key.createdAt,
      signsFrom: key.signsFrom,
      publishedUntil: publishedUntil(key, keys)?.toISOString() ?? null,
    })),
  });
  return {
    url,
    discovery: discoveryOf(url),
    async publicKeys() {
      return { keys: publishedKeys(await currentKeys(), now()).map(toPublished) };
    },
    async sign(claims) {
      const key = signingKeyOf(await currentKeys(), now());
      if (!key) throw new Error('Cannot sign a token: no key of the issuer is good now');
      return signToken({ iss: url, ...claims }, key.id, await privateKey(key.id), now());
    },
    async state() {
      return toState(await currentKeys());
    },
    async rotate({ immediately }) {
      return toState(
        await store.change((found) =>
          immediately ? replaceAll(found, secrets, now()) : addNext(found, secrets, now()),
        ),
      );
    },
  };
}

/**
 * GitHub's is of this shape, which AWS is known to take: no endpoint for people to sign
 * in at, since nobody signs in here.
 */
function discoveryOf(url: string): DiscoveryDocument {
  return {
    issuer: url,
    jwks_uri: `${url}/.well-known/jwks.json`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [algorithm],
    claims_supported: ['iss', 'sub', 'aud', 'iat', 'nbf', 'exp', 'jti'],
  };
}

function toPublished({ id, publicKey: { kty, n, e } }: IssuerKey): PublishedKey {
  return { kty, kid: id, use: 'sig', alg: algorithm, n, e };
}

type Seal = Pick<SecretVault, 'seal'>;

/** The first key signs at once: there is nobody yet who knows others. */
async function nextKey(
  keys: readonly IssuerKey[],
  secrets: Seal,
  now: Date,
): Promise<IssuerKeyChange> {
  const aheadMs = signingKeyOf(keys, now) ? publishedAheadMs : 0;
  return {
    add: await makeKey(secrets, now, new Date(now.getTime() + aheadMs)),
    drop: withoutPublished(keys, now),
  };
}

async function addNext(
  keys: readonly IssuerKey[],
  secrets: Seal,
  now: Date,
): Promise<IssuerKeyChange | null> {
  const isUnderWay = keys.some((key) => stateOf(key, keys, now) === 'next');
  return isUnderWay ? null : nextKey(keys, secrets, now);
}

async function replaceAll(
  keys: readonly IssuerKey[],
  secrets: Seal,
  now: Date,
): Promise<IssuerKeyChange> {
  return { add: await makeKey(secrets, now, now), drop: keys.map(({ id }) => id) };
}

function withoutPublished(keys: readonly IssuerKey[], now: Date): string[] {
  const published = publishedKeys(keys, now);
  return keys.filter((key) => !published.includes(key)).map(({ id }) => id);
}

const generate = promisify(generateKeyPair);

async function makeKey(secrets: Seal, now: Date, signsFrom: Date) {
  const pair = await generate('rsa', { modulusLength });
  const { n = '', e = '' } = pair.publicKey.export({ format: 'jwk' });
  const publicKey: RsaPublicKey = { kty: 'RSA', n, e };
  const id = thumbprint(publicKey);
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    key: { id, publicKey, createdAt: now.toISOString(), signsFrom: signsFrom.toISOString() },
    privateKey: await secrets.seal(privateKeyPlace(id), new Secret(pem)),
  };
}

/** RFC 7638: the hash of exactly these members in this order. */
function thumbprint({ e, kty, n }: RsaPublicKey): string {
  return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
}

function signToken(
  { iss, audience, subject }: { readonly iss: string } & Pick<TokenClaims, 'audience' | 'subject'>,
  kid: string,
  key: KeyObject,
  now: Date,
): string {
  const iat = Math.floor(now.getTime() / 1000);
  const claims = {
    iss,
    sub: subject,
    aud: audience,
    iat,
    nbf: iat - clockLeewaySeconds,
    exp: iat + tokenSeconds,
    jti: randomUUID(),
  };
  const signed = [{ typ: 'JWT', alg: algorithm, kid }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

/**
 * Whether IAM can register an issuer of that URL. On this machine alone, plain HTTP and a
 * port are good too, for rehearsals with a sandbox.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
 *
 * @throws CausewayError `issuer_not_usable`.
 */
export function requireRegistrable(issuer: string): void {
  const url = URL.parse(issuer);
  const isHere = url !== null && ['127.0.0.1', 'localhost'].includes(url.hostname);
  const isPlain = url !== null && url.search === '' && url.hash === '' && url.username === '';
  if (
    isPlain &&
    ((isHere && url.protocol === 'http:') || (url.protocol === 'https:' && url.port === ''))
  )
    return;
  throw new CausewayError('issuer_not_usable', {
    issuer,
    reason: 'IAM takes only https addresses without port, query and fragment',
  });
}
