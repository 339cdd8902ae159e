import type { ConnectionBy } from '@causeway/contract';

/** What a token is for: as much as a role's trust policy names of it. */
export type TokenClaims = Pick<ConnectionBy<'web_identity'>, 'issuer' | 'audience' | 'subject'>;

/** Who signs tokens for `web_identity`, and for whom. */
export interface Issuer {
  readonly url: string;
  readonly audience: string;
}
