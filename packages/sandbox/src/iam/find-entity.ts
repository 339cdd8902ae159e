import { AwsError } from '../http/aws-error.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import type { GroupRecord, RoleRecord, UserRecord } from '../state/records.ts';
import type { Change } from '../state/table.ts';
import { deleteConflict, entityName, named, noSuchEntity, pageOf } from './iam-operation.ts';

export type EntityKind = 'User' | 'Role' | 'Group';

/** @throws AwsError `NoSuchEntity`. */
export function findUser(request: QueryRequest, name = userName(request)): UserRecord {
  const user = request.world.state.users.get(`${request.accountId}/${name}`);
  if (!user) throw noSuchEntity(`The user with name ${name} cannot be found.`);
  return user;
}

/** The user that a request names, or else the caller. */
function userName({ parameters, caller }: QueryRequest): string {
  const name = parameters.optionalText('UserName', entityName);
  if (name !== null) return name;
  if (caller.kind === 'user') return caller.arn.slice(caller.arn.lastIndexOf('/') + 1);
  throw new AwsError(
    400,
    'ValidationError',
    'Must specify userName when calling with non-User credentials',
  );
}

/** @throws AwsError `NoSuchEntity`. */
export function findRole({ world, accountId, parameters }: QueryRequest): RoleRecord {
  const name = parameters.text('RoleName', entityName);
  const role = world.state.roles.get(`${accountId}/${name}`);
  if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

/** @throws AwsError `NoSuchEntity`. */
export function findGroup({ world, accountId, parameters }: QueryRequest): GroupRecord {
  const name = parameters.text('GroupName', entityName);
  const group = world.state.groups.get(`${accountId}/${name}`);
  if (!group) throw noSuchEntity(`The group with name ${name} cannot be found.`);
  return group;
}

/** What users, roles and groups have in common, with the way to change it. */
export interface Entity {
  readonly record: UserRecord | RoleRecord | GroupRecord;
  readonly changed: (
    change: Partial<Pick<GroupRecord, 'inlinePolicies' | 'attachedPolicies'>>,
  ) => Change;
}

export function findEntity(request: QueryRequest, kind: EntityKind): Entity {
  if (kind !== 'Group') return findPrincipal(request, kind);
  const { groups } = request.world.state;
  const group = findGroup(request);
  const key = `${group.accountId}/${group.name}`;
  return { record: group, changed: (change) => groups.put(key, { ...group, ...change }) };
}

/** A user or role, which a group is not: it has a boundary and tags. */
export interface Principal {
  readonly record: UserRecord | RoleRecord;
  readonly changed: (
    change: Partial<Pick<UserRecord, 'inlinePolicies' | 'attachedPolicies' | 'boundary' | 'tags'>>,
  ) => Change;
}

export function findPrincipal(request: QueryRequest, kind: 'User' | 'Role'): Principal {
  const { users, roles } = request.world.state;
  if (kind === 'Role') {
    const role = findRole(request);
    const key = `${role.accountId}/${role.name}`;
    return { record: role, changed: (change) => roles.put(key, { ...role, ...change }) };
  }
  const user = findUser(request, request.parameters.text('UserName', entityName));
  const key = `${user.accountId}/${user.name}`;
  return { record: user, changed: (change) => users.put(key, { ...user, ...change }) };
}

/** The ARN of the entity that a request names. */
export function ofEntity(kind: EntityKind): (request: QueryRequest) => string {
  return named(kind === 'User' ? 'user' : kind === 'Role' ? 'role' : 'group', `${kind}Name`);
}

/** @throws AwsError `DeleteConflict` as long as it has policies. */
export function refuseWhilePoliciesStay({
  inlinePolicies,
  attachedPolicies,
}: Entity['record']): void {
  if (Object.keys(inlinePolicies).length > 0) {
    throw deleteConflict('Cannot delete entity, must delete policies first.');
  }
  if (attachedPolicies.length > 0) {
    throw deleteConflict('Cannot delete entity, must detach all policies first.');
  }
}

/** Names are unique whatever their letter case, though they are looked up as they are written. */
export function isTaken(
  name: string,
  table: { readonly keysUnder: (prefix: string) => Iterable<string> },
  accountId: string,
): boolean {
  const wanted = `${accountId}/${name}`.toLowerCase();
  return [...table.keysUnder(`${accountId}/`)].some((key) => key.toLowerCase() === wanted);
}

/** The users or roles under the path that a request names, page by page. */
export function pageUnderPath<T extends Entity['record']>(
  records: Iterable<T>,
  { parameters }: QueryRequest,
) {
  const prefix = parameters.get('PathPrefix') ?? '/';
  return pageOf(
    [...records].filter(({ path }) => path.startsWith(prefix)),
    parameters,
  );
}
