import type { Policy } from '@causeway/policy';
import type { WebIdentity } from '../sts/web-identity/verify-token.ts';
import type { Context } from './context.ts';

/** Whoever makes a request, once that is proved. */
export interface Caller {
  /**
   * `user` with long-term or temporary credentials; `session` of a role;
   * `web_identity` is an identity provider that vouches for somebody by a token.
   */
  readonly kind: 'anonymous' | 'root' | 'user' | 'session' | 'federated_user' | 'web_identity';
  /** Null for the anonymous and for identity providers. */
  readonly accountId: string | null;
  /** As policies and messages name the caller; of a session, the session's. `*` for the anonymous. */
  readonly arn: string;
  /** `aws:PrincipalArn`: of a session, the role's. */
  readonly principalArn: string;
  /** `aws:userid`. */
  readonly userId: string;
  readonly identityPolicies: readonly Policy[];
  readonly sessionPolicies: readonly Policy[];
  readonly boundary: Policy | null;
  /** Of temporary credentials only. */
  readonly tokenIssuedAt: string | null;
  /** Condition keys that come with the caller: its tags, and what its session was opened with. */
  readonly context: Context;
  /** What a role session hands on to the roles that it assumes. */
  readonly handsOn: HandedOn | null;
  /** What an identity provider vouches for, in a call that a token of it stands behind. */
  readonly webIdentity?: WebIdentity;
}

/** What sticks through role chaining. */
export interface HandedOn {
  readonly sourceIdentity: string | null;
  readonly transitiveTags: Readonly<Record<string, string>>;
}

export const anonymous: Caller = {
  kind: 'anonymous',
  accountId: null,
  arn: '*',
  principalArn: '*',
  userId: 'anonymous',
  identityPolicies: [],
  sessionPolicies: [],
  boundary: null,
  tokenIssuedAt: null,
  context: {},
  handsOn: null,
};
