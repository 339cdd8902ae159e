import type { Policy, PolicyKind } from '@causeway/policy';
import type { SandboxAccount } from '../accounts.ts';
import type { AccessKeyRecord, RoleRecord, SessionRecord, UserRecord } from '../state/records.ts';
import type { State } from '../state/state.ts';
import { awsManagedPolicies } from './aws-managed-policies.ts';
import type { Caller } from './caller.ts';
import type { PolicyCache } from './policy-cache.ts';

export interface CallerDeps {
  readonly accounts: readonly SandboxAccount[];
  readonly state: State;
  readonly policies: PolicyCache;
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
  const key = deps.state.accessKeys.get(accessKeyId);
  if (key) return findUserKey(key, deps);
  const session = deps.state.sessions.get(accessKeyId);
  return session ? findSession(session, deps) : null;
}

/** The ARN of a user or role of IAM. */
export function entityArn(
  kind: 'user' | 'role' | 'policy',
  entity: { readonly accountId: string; readonly path: string; readonly name: string },
): string {
  return `arn:aws:iam::${entity.accountId}:${kind}${entity.path}${entity.name}`;
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
  };
}

function findUserKey(key: AccessKeyRecord, deps: CallerDeps): KnownKey | null {
  const user = deps.state.users.get(`${key.accountId}/${key.userName}`);
  if (!user || key.status !== 'Active') return null;
  return { secret: key.secret, session: null, caller: () => userCaller(user, deps) };
}

function userCaller(user: UserRecord, deps: CallerDeps): Caller {
  const arn = entityArn('user', user);
  return {
    kind: 'user',
    accountId: user.accountId,
    arn,
    principalArn: arn,
    userId: user.id,
    ...attachedTo(user, deps),
    sessionPolicies: [],
    tokenIssuedAt: null,
  };
}

function findSession(session: SessionRecord, deps: CallerDeps): KnownKey | null {
  const role = deps.state.roles.get(`${session.accountId}/${session.roleName}`);
  // A role made anew under the same name is another role.
  if (role?.id !== session.roleId) return null;
  return { secret: session.secret, session, caller: () => sessionCaller(session, role, deps) };
}

function sessionCaller(session: SessionRecord, role: RoleRecord, deps: CallerDeps): Caller {
  return {
    kind: 'session',
    accountId: session.accountId,
    arn: `arn:aws:sts::${session.accountId}:assumed-role/${session.roleName}/${session.name}`,
    principalArn: entityArn('role', role),
    userId: `${role.id}:${session.name}`,
    ...attachedTo(role, deps),
    sessionPolicies: session.sessionPolicies.map((document, index) =>
      deps.policies.get(document, `session policy ${index + 1}`, 'session'),
    ),
    tokenIssuedAt: session.issuedAt,
  };
}

function attachedTo(
  entity: UserRecord | RoleRecord,
  deps: CallerDeps,
): Pick<Caller, 'identityPolicies' | 'boundary'> {
  const inline = Object.entries(entity.inlinePolicies).map(([name, document]) =>
    deps.policies.get(document, name, 'identity'),
  );
  const attached = entity.attachedPolicies.flatMap((arn) => managedPolicy(arn, 'identity', deps));
  const [boundary] = entity.boundary ? managedPolicy(entity.boundary, 'boundary', deps) : [];
  return { identityPolicies: [...inline, ...attached], boundary: boundary ?? null };
}

function managedPolicy(arn: string, type: PolicyKind, deps: CallerDeps): Policy[] {
  const document = managedDocument(arn, deps.state);
  return document === null ? [] : [deps.policies.get(document, arn, type)];
}

/** The text of a managed policy, AWS's or a customer's; null when there is none. */
export function managedDocument(arn: string, state: State): string | null {
  return awsManagedPolicies.get(arn) ?? state.managedPolicies.get(arn)?.document ?? null;
}
