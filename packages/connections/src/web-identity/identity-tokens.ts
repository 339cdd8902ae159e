import type { ConnectionBy } from '@causeway/contract';

/** What a token is for: as much as a role's trust policy names of it. */
export type TokenClaims = Pick<ConnectionBy<'web_identity'>, 'issuer' | 'audience' | 'subject'>;

/** Where the tokens come from that connections by `web_identity` show to STS. */
export interface IdentityTokens {
  /**
   * A token with these claims that is good for some minutes from now. Short-lived tokens
   * are not kept: each request to STS has one of its own.
   *
   * @throws CausewayError `issuer_not_usable` when nobody here speaks for that issuer, or
   * only with other claims.
   */
  tokenFor(claims: TokenClaims): Promise<string>;
}
