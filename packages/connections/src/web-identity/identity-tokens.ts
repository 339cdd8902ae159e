import { CausewayError } from '@causeway/contract';
import type { TokenIssuer } from './issuer.ts';
import { newSubject } from './new-subject.ts';
import type { TokenClaims } from './token-claims.ts';
import { type FileToken, readTokenFile } from './token-file.ts';

/** Where the tokens come from that connections by `web_identity` show to STS. */
export interface IdentityTokens {
  /** Causeway's own issuer; tokens of other issuers come from the token file. */
  readonly issuer: TokenIssuer;
  /**
   * A token with these claims that is good now. Those of our own issuer are signed for
   * one use and not kept.
   *
   * @throws CausewayError `issuer_not_usable` when nobody here speaks for that issuer, or
   * only with other claims.
   */
  tokenFor(claims: TokenClaims): Promise<string>;
  /**
   * What a new connection's trust policy will name, if its tokens come from another
   * issuer: the subject of the token file, which is the same for all connections.
   *
   * @throws CausewayError `issuer_not_usable`.
   */
  outsideClaims(wanted: OutsideIssuer): Promise<TokenClaims>;
  /**
   * A token that a role must refuse which demands these claims: in one of them it differs.
   * Null for another issuer of which no probe token is at hand; only it could sign one.
   *
   * @throws CausewayError `issuer_not_usable` when a file of probe tokens has none that is good.
   */
  tokenToRefuse(claims: TokenClaims, differsIn: 'subject' | 'audience'): Promise<string | null>;
  /** Whether roles may be used of which nobody has shown that they refuse other subjects. */
  readonly acceptsUnprovedSubject: boolean;
}

export interface OutsideIssuer {
  readonly issuer: string;
  /** The first of the token if not given. */
  readonly audience?: string | undefined;
}

export interface IdentityTokensDeps {
  readonly issuer: TokenIssuer;
  /** Null: none but our own tokens. */
  readonly tokenFile: string | null;
  /** Tokens of the same other issuer, of another subject or for another audience. */
  readonly probeTokenFiles?: readonly string[];
  readonly acceptsUnprovedSubject?: boolean;
  readonly now?: () => Date;
}

export function identityTokens({
  issuer,
  tokenFile,
  probeTokenFiles = [],
  acceptsUnprovedSubject = false,
  now = () => new Date(),
}: IdentityTokensDeps): IdentityTokens {
  const readOutside = async ({ issuer: wanted, audience }: OutsideIssuer) => {
    if (tokenFile === null) {
      throw refused(wanted, `the issuer of this Causeway is "${issuer.url}", and it has no other`);
    }
    const token = await readTokenFile(tokenFile, now());
    if (token.issuer !== wanted) {
      throw refused(wanted, `the token file holds one of "${token.issuer}"`);
    }
    if (audience !== undefined && !token.audiences.includes(audience)) {
      const found = token.audiences.join('", "');
      throw refused(wanted, `the token file holds one for "${found}", not for "${audience}"`);
    }
    return token;
  };
  return {
    issuer,
    async tokenFor(claims) {
      if (claims.issuer === issuer.url) return issuer.sign(claims);
      const token = await readOutside(claims);
      if (token.subject !== claims.subject) {
        const { subject } = claims;
        throw refused(
          claims.issuer,
          `the token file holds one of subject "${token.subject}", not of "${subject}"`,
        );
      }
      return token.text;
    },
    async outsideClaims(wanted) {
      const { subject, audiences } = await readOutside(wanted);
      return { issuer: wanted.issuer, subject, audience: wanted.audience ?? audiences[0] ?? '' };
    },
    async tokenToRefuse(claims, differsIn) {
      if (claims.issuer === issuer.url)
        return issuer.sign({ ...claims, ...other(claims, differsIn) });
      const tokens = await Promise.all(
        probeTokenFiles.map((file) => readTokenFile(file, now(), probeVariable)),
      );
      return tokens.find((token) => proves(token, claims, differsIn))?.text ?? null;
    },
    acceptsUnprovedSubject,
  };
}

const probeVariable = 'CAUSEWAY_WEB_IDENTITY_PROBE_TOKEN_FILES';

function other({ issuer, audience }: TokenClaims, differsIn: 'subject' | 'audience') {
  if (differsIn === 'subject') return { subject: newSubject() };
  // One that a provider may well list beside ours; AWS refuses all that it does not list.
  return { audience: audience === usualAudience ? issuer : usualAudience };
}

/** What the AWS console proposes for a provider. */
const usualAudience = 'sts.amazonaws.com';

/** Whether it differs in that claim and in no other: its refusal says something of that one alone. */
function proves(token: FileToken, claims: TokenClaims, differsIn: 'subject' | 'audience'): boolean {
  const sameSubject = token.subject === claims.subject;
  const sameAudience = token.audiences.includes(claims.audience);
  const differs =
    differsIn === 'subject' ? !sameSubject && sameAudience : sameSubject && !sameAudience;
  return token.issuer === claims.issuer && differs;
}

function refused(issuer: string, reason: string): CausewayError {
  return new CausewayError('issuer_not_usable', { issuer, reason });
}
