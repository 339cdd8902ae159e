import {
  createHash,
  createHmac,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import type { Incoming } from '../http/incoming.ts';
import type { Claim } from './claim.ts';

/** What a verified signature leaves behind for the chunks that continue it. */
export interface Signer {
  readonly key: KeyObject;
  /** `date/region/service/aws4_request`. */
  readonly scope: string;
  readonly timestamp: string;
  readonly signature: string;
}

export interface Signed {
  /** Null where a text of its own is signed, and no request. */
  readonly canonicalRequest: string | null;
  readonly stringToSign: string;
  readonly signer: Signer;
}

/** Signs the request that came in as its sender should have, with the sender's secret. */
export function signAsClaimed(
  incoming: Incoming,
  claim: Claim,
  secret: string,
  payloadHash: string,
): Signed {
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
  const canonicalRequest = [
    incoming.method,
    canonicalPath(incoming.rawPath),
    canonicalQuery(incoming.query),
    ...claim.signedHeaders.map((name) => `${name}:${canonicalHeader(incoming, name)}`),
    '',
    claim.signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
  const stringToSign = `AWS4-HMAC-SHA256\n${claim.timestamp}\n${scope}\n${sha256(canonicalRequest)}`;
  return { canonicalRequest, stringToSign, signer: signText(stringToSign, claim, secret) };
}

/** Signs a text with the key that the claim's scope makes of the secret. */
export function signText(text: string, claim: Claim, secret: string): Signer {
  const key = signingKey(secret, claim);
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
  const signature = hmac(key, text).toString('hex');
  return { key, scope, timestamp: claim.timestamp, signature };
}

/** Compares signatures in a time that does not depend on where they differ. */
export function sameSignature(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

export function hmac(key: KeyObject | Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/**
 * Keys made lately, since a caller uses one all day and each takes four HMACs. As key objects,
 * which Node takes as they are: of bytes it makes one each time, at twice the cost of the HMAC.
 */
const signingKeys = new Map<string, KeyObject>();
const mostSigningKeys = 1000;

function signingKey(secret: string, { date, region, service }: Claim): KeyObject {
  const name = JSON.stringify([secret, date, region, service]);
  const known = signingKeys.get(name);
  if (known) return known;
  if (signingKeys.size >= mostSigningKeys) signingKeys.clear();
  const dated = hmac(`AWS4${secret}`, date);
  const key = createSecretKey([region, service, 'aws4_request'].reduce<Buffer>(hmac, dated));
  signingKeys.set(name, key);
  return key;
}

function canonicalPath(rawPath: string): string {
  // Clients differ in what they leave unencoded; AWS signs one spelling of it.
  return encodeRfc3986(decodeURIComponent(rawPath)).replaceAll('%2F', '/');
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const)
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function canonicalHeader(incoming: Incoming, name: string): string {
  return (incoming.headers.get(name) ?? '').trim().replace(/ {2,}/g, ' ');
}

function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
