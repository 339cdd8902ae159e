import type { SandboxAccount } from '../accounts.ts';
import type {
  AccessKeyRecord,
  SessionRecord,
  UserRecord,
  UserSessionRecord,
} from '../state/records.ts';
import type { State } from '../state/state.ts';
import type { Caller } from './caller.ts';
import { entityArn } from './entity-arn.ts';
import { type PolicyDeps, policiesOf } from './policies-of.ts';
import { principalTags } from './principal-tags.ts';
import { federatedUserCaller, roleSessionCaller } from './session-callers.ts';

export interface CallerDeps extends PolicyDeps {
  readonly accounts: readonly SandboxAccount[];
  readonly state: State;
}

/** A key that exists, its secret, and whose it is. */
export interface KnownKey {
  readonly secret: string;
  /** Of temporary credentials: what must come with the request. */
  readonly session: Pick<SessionRecord, 'token' | 'expiresAt'> | null;
  /** Read only once the signature is verified. */
  readonly caller: () => Caller;
}

/** Looks an access key up; null when it does not exist, is inactive, or its user or role is gone. */
export function findKey(accessKeyId: string, deps: CallerDeps): KnownKey | null {
  const account = deps.accounts.find((known) => known.accessKeyId === accessKeyId);
  if (account) {
    return {
      secret: account.secretAccessKey,
      session: null,
      caller: () => rootCaller(account.id),
    };
  }
  const key = deps.iam.accessKeys.get(accessKeyId);
  if (key) return findUserKey(key, deps);
  const session = deps.state.sessions.get(accessKeyId);
  if (!session) return null;
  const caller = sessionCaller(session, deps);
  return caller && { secret: session.secret, session, caller };
}

/** Nothing can be attached to a root user: the evaluator knows what it may do. */
function rootCaller(accountId: string): Caller {
  const arn = `arn:aws:iam::${accountId}:root`;
  return {
    kind: 'root',
    accountId,
    arn,
    principalArn: arn,
    userId: accountId,
    identityPolicies: [],
    sessionPolicies: [],
    boundary: null,
    tokenIssuedAt: null,
    context: {},
    handsOn: null,
  };
}

function userCaller(user: UserRecord, deps: PolicyDeps): Caller {
  const arn = entityArn('user', user);
  return {
    kind: 'user',
    accountId: user.accountId,
    arn,
    principalArn: arn,
    userId: user.id,
    ...policiesOf(user, deps),
    sessionPolicies: [],
    tokenIssuedAt: null,
    context: principalTags(user.tags),
    handsOn: null,
  };
}

function findUserKey(key: AccessKeyRecord, deps: CallerDeps): KnownKey | null {
  const user = deps.iam.users.get(`${key.accountId}/${key.userName}`);
  if (!user || key.status !== 'Active') return null;
  return { secret: key.secret, session: null, caller: () => userCaller(user, deps) };
}

/** Null when whoever the session is of is gone: made anew under the same name, it is another. */
function sessionCaller(session: SessionRecord, deps: CallerDeps): (() => Caller) | null {
  if (session.kind === 'user') return userSessionCaller(session, deps);
  if (session.kind === 'federated_user') return federatedUserCaller(session, deps);
  return roleSessionCaller(session, deps);
}

function userSessionCaller(session: UserSessionRecord, deps: CallerDeps): (() => Caller) | null {
  const tokenIssuedAt = session.issuedAt;
  if (session.user === null) {
    return () => ({ ...rootCaller(session.accountId), tokenIssuedAt });
  }
  const user = deps.iam.users.get(`${session.accountId}/${session.user.name}`);
  if (user?.id !== session.user.id) return null;
  return () => ({ ...userCaller(user, deps), tokenIssuedAt });
}
