import type { ConnectionCreate } from '@causeway/contract';
import type { IdentityTokens } from './identity-tokens.ts';
import { requireRegistrable } from './issuer.ts';
import { newSubject } from './new-subject.ts';
import type { Issuer, TokenClaims } from './token-claims.ts';

type WebIdentityCreate = Extract<ConnectionCreate, { access: 'web_identity' }>;

/**
 * Fixes for a new connection what its customer's trust policy will name: issuer, audience
 * and subject. Undefined for accesses that need no token.
 *
 * Tokens of our own issuer have a subject for each connection, which plays the part of an
 * external ID. Another issuer speaks for this Causeway as a whole, so its subject is that
 * of the token file whichever connection it is for; what keeps customers apart is then
 * that a role belongs to one of them alone.
 *
 * @throws CausewayError `issuer_not_usable` when IAM could not register the issuer, or the
 * token file is not of the issuer that is asked for.
 */
export async function newTokenClaims(
  input: ConnectionCreate,
  own: Issuer,
  tokens: Pick<IdentityTokens, 'outsideClaims'>,
): Promise<TokenClaims | undefined> {
  if (input.access !== 'web_identity') return undefined;
  const { issuer = own.url, audience } = input;
  requireRegistrable(issuer);
  if (issuer === own.url) return ownTokenClaims(input, own);
  return tokens.outsideClaims({ issuer, audience });
}

/** Of a token of our own issuer, with a subject for one connection alone. */
export function ownTokenClaims(
  { audience }: Pick<WebIdentityCreate, 'audience'>,
  own: Issuer,
): TokenClaims {
  return {
    issuer: own.url,
    audience: audience ?? own.audience,
    subject: newSubject(),
  };
}
