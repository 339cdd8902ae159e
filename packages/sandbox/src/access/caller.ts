import type { Policy } from '@causeway/policy';

/** Whoever makes a request, once that is proved. */
export interface Caller {
  readonly kind: 'anonymous' | 'root' | 'user' | 'session';
  /** Null for the anonymous. */
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
};
