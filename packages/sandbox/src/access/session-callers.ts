import type {
  FederatedSessionRecord,
  RoleRecord,
  RoleSessionRecord,
  UserRecord,
} from '../state/records.ts';
import type { Caller } from './caller.ts';
import { entityArn } from './entity-arn.ts';
import { type PolicyDeps, policiesOf } from './policies-of.ts';
import { principalTags } from './principal-tags.ts';

/** The caller behind a session of a role; null when that role is gone. */
export function roleSessionCaller(
  session: RoleSessionRecord,
  deps: PolicyDeps,
): (() => Caller) | null {
  const role = deps.iam.roles.get(`${session.accountId}/${session.roleName}`);
  return role?.id === session.roleId ? () => ofRole(session, role, deps) : null;
}

function ofRole(session: RoleSessionRecord, role: RoleRecord, deps: PolicyDeps): Caller {
  const tags = session.tags ?? {};
  const transitive = session.transitiveTagKeys ?? [];
  const sourceIdentity = session.sourceIdentity ?? null;
  return {
    kind: 'session',
    accountId: session.accountId,
    arn: `arn:aws:sts::${session.accountId}:assumed-role/${session.roleName}/${session.name}`,
    principalArn: entityArn('role', role),
    userId: `${role.id}:${session.name}`,
    ...policiesOf(role, deps),
    sessionPolicies: compiled(session.sessionPolicies, deps),
    tokenIssuedAt: session.issuedAt,
    context: {
      ...principalTags(role.tags, tags),
      ...session.webIdentityKeys,
      ...(sourceIdentity !== null && { 'aws:SourceIdentity': sourceIdentity }),
    },
    handsOn: {
      sourceIdentity,
      transitiveTags: Object.fromEntries(
        Object.entries(tags).filter(([key]) => transitive.includes(key)),
      ),
    },
  };
}

/** May do nothing by itself: what a federated user has for whom no session policy was passed. */
const allowsNothing = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 'none:Nothing', Resource: '*' }],
});

/** The caller behind a session by GetFederationToken; null when the user who asked for it is gone. */
export function federatedUserCaller(
  session: FederatedSessionRecord,
  deps: PolicyDeps,
): (() => Caller) | null {
  if (session.user === null) return () => ofFederatedUser(session, null, deps);
  const user = deps.iam.users.get(`${session.accountId}/${session.user.name}`);
  return user?.id === session.user.id ? () => ofFederatedUser(session, user, deps) : null;
}

function ofFederatedUser(
  session: FederatedSessionRecord,
  user: UserRecord | null,
  deps: PolicyDeps,
): Caller {
  const arn = `arn:aws:sts::${session.accountId}:federated-user/${session.name}`;
  const passed = session.sessionPolicies.length > 0 ? session.sessionPolicies : [allowsNothing];
  const own = user
    ? policiesOf(user, deps)
    : // The root user has no policies, and may do what it likes.
      { identityPolicies: compiled([allowsAll], deps), boundary: null };
  return {
    kind: 'federated_user',
    accountId: session.accountId,
    arn,
    principalArn: arn,
    userId: `${session.accountId}:${session.name}`,
    ...own,
    sessionPolicies: compiled(passed, deps),
    tokenIssuedAt: session.issuedAt,
    context: principalTags(session.tags),
    handsOn: null,
  };
}

const allowsAll = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

/** As identity policies: a managed policy may be longer than one that is passed as text. */
function compiled(documents: readonly string[], deps: PolicyDeps): Caller['sessionPolicies'] {
  return documents.map((document, index) =>
    deps.policies.get(document, `session policy ${index + 1}`, 'identity'),
  );
}
