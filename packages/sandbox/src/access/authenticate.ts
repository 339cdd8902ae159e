import type { Clock } from '../clock.ts';
import type { Incoming } from '../http/incoming.ts';
import {
  type Claim,
  type ClaimFault,
  fromTimestamp,
  isClaimFault,
  readClaim,
} from '../sigv4/claim.ts';
import {
  type Signed,
  type Signer,
  sameSignature,
  signAsClaimed,
  signText,
} from '../sigv4/signature.ts';
import { anonymous, type Caller } from './caller.ts';
import { type CallerDeps, findKey, type KnownKey } from './find-caller.ts';
import type { KeyUses } from './key-uses.ts';

/** How far the clock of a sender may be off. */
export const maxSkewMilliseconds = 15 * 60 * 1000;

export interface Authenticated {
  readonly caller: Caller;
  /** Null for an unsigned request. */
  readonly claim: Claim | null;
  readonly signer: Signer | null;
}

/** What is known of a request that says nothing about its sender. */
export const unsigned: Authenticated = { caller: anonymous, claim: null, signer: null };

/** Why a request is not believed to come from whom it says; each service has its own words for it. */
export type AuthFailureReason =
  | { readonly reason: 'claim'; readonly fault: ClaimFault }
  | { readonly reason: 'unknown_key'; readonly claim: Claim }
  | { readonly reason: 'invalid_token'; readonly claim: Claim }
  | { readonly reason: 'expired_token'; readonly claim: Claim }
  | { readonly reason: 'skewed'; readonly claim: Claim; readonly now: Date }
  | { readonly reason: 'url_expired'; readonly claim: Claim; readonly now: Date }
  | { readonly reason: 'wrong_signature'; readonly claim: Claim; readonly signed: Signed }
  | { readonly reason: 'headers_not_signed'; readonly names: readonly string[] };

export class AuthFailure extends Error {
  readonly detail: AuthFailureReason;

  constructor(detail: AuthFailureReason) {
    super(`Cannot authenticate the request: ${detail.reason}`);
    this.name = 'AuthFailure';
    this.detail = detail;
  }
}

export interface AuthenticateDeps extends CallerDeps {
  readonly clock: Clock;
  readonly keyUses: KeyUses;
}

/**
 * Finds out who makes a request, by verifying its signature.
 *
 * @param payloadHash what the sender must have signed as the body's hash.
 * @throws AuthFailure
 */
export function authenticate(
  incoming: Incoming,
  payloadHash: (claim: Claim) => string,
  deps: AuthenticateDeps,
): Authenticated {
  const claim = readClaim(incoming);
  if (claim === null) return unsigned;
  if (isClaimFault(claim)) throw new AuthFailure({ reason: 'claim', fault: claim });
  const key = findClaimedKey(claim, deps);
  checkTime(claim, deps.clock);
  const signed = signAsClaimed(incoming, claim, key.secret, payloadHash(claim));
  if (!sameSignature(signed.signer.signature, claim.signature)) {
    throw new AuthFailure({ reason: 'wrong_signature', claim, signed });
  }
  checkSignedHeaders(incoming, claim);
  checkToken(claim, key.session, deps.clock.now());
  deps.keyUses.note(claim, deps.clock.now());
  return { caller: key.caller(), claim, signer: signed.signer };
}

/**
 * Finds out who has signed a form. Its policy is what is signed, as it was sent, and
 * says itself how long that is good.
 *
 * @throws AuthFailure
 */
export function authenticateForm(
  claim: Claim,
  policy: string,
  deps: AuthenticateDeps,
): Authenticated {
  const key = findClaimedKey(claim, deps);
  const signer = signText(policy, claim, key.secret);
  if (!sameSignature(signer.signature, claim.signature)) {
    const signed = { canonicalRequest: null, stringToSign: policy, signer };
    throw new AuthFailure({ reason: 'wrong_signature', claim, signed });
  }
  checkToken(claim, key.session, deps.clock.now());
  deps.keyUses.note(claim, deps.clock.now());
  return { caller: key.caller(), claim, signer };
}

/** Temporary keys do not exist without their token. */
function findClaimedKey(claim: Claim, deps: AuthenticateDeps): KnownKey {
  const key = findKey(claim.accessKeyId, deps);
  if (key && (!key.session || claim.sessionToken !== null)) return key;
  throw new AuthFailure({ reason: 'unknown_key', claim });
}

/** Skew is between the clocks of two machines; only the age of a URL goes by the sandbox's own. */
function checkTime(claim: Claim, clock: Clock): void {
  const signedAt = fromTimestamp(claim.timestamp);
  const now = clock.baseTime();
  const ahead = signedAt.getTime() - now.getTime();
  const isOfScopesDay = claim.timestamp.startsWith(claim.date);
  if (!isOfScopesDay || ahead > maxSkewMilliseconds) {
    throw new AuthFailure({ reason: 'skewed', claim, now });
  }
  if (claim.expiresInSeconds !== null) {
    const expired = clock.elapsedSince(signedAt) > claim.expiresInSeconds * 1000;
    if (expired) throw new AuthFailure({ reason: 'url_expired', claim, now: clock.now() });
    return;
  }
  if (-ahead > maxSkewMilliseconds) throw new AuthFailure({ reason: 'skewed', claim, now });
}

/** What is not signed may have been changed on the way, so AWS refuses it in the headers that it acts on. */
function checkSignedHeaders(incoming: Incoming, claim: Claim): void {
  const names = [...incoming.headers.keys()].filter(
    (name) =>
      (name === 'host' || name.startsWith('x-amz-')) &&
      !claim.signedHeaders.includes(name) &&
      !(claim.kind === 'query' && name === 'x-amz-content-sha256'),
  );
  if (names.length > 0) throw new AuthFailure({ reason: 'headers_not_signed', names });
}

function checkToken(
  claim: Claim,
  session: { readonly token: string; readonly expiresAt: string } | null,
  now: Date,
): void {
  if (claim.sessionToken === null && session === null) return;
  if (session === null || !sameSignature(session.token, claim.sessionToken ?? '')) {
    throw new AuthFailure({ reason: 'invalid_token', claim });
  }
  if (now.getTime() >= Date.parse(session.expiresAt)) {
    throw new AuthFailure({ reason: 'expired_token', claim });
  }
}
