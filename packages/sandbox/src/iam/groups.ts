import { entityArn } from '../access/entity-arn.ts';
import { element, text } from '../http/xml.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import type { GroupRecord, UserRecord } from '../state/records.ts';
import {
  findGroup,
  findUser,
  isTaken,
  pageUnderPath,
  refuseWhilePoliciesStay,
} from './find-entity.ts';
import {
  alreadyExists,
  deleteConflict,
  entityName,
  everyEntity,
  iamOperation,
  limitExceeded,
  named,
  pageOf,
  readPath,
  seconds,
} from './iam-operation.ts';
import { newEntityId } from './new-id.ts';
import { userElement } from './users.ts';

const ofGroup = named('group', 'GroupName');
const maxGroupsOfUser = 10;

export const createGroup = iamOperation('CreateGroup', ofGroup, (request) => {
  const { parameters, accountId, world } = request;
  const name = parameters.text('GroupName', entityName);
  const key = `${accountId}/${name}`;
  if (isTaken(name, world.state.groups, accountId))
    throw alreadyExists(`Group with name ${name} already exists.`);
  const group: GroupRecord = {
    accountId,
    name,
    path: readPath(parameters),
    id: newEntityId('AGPA'),
    createdAt: world.now().toISOString(),
    inlinePolicies: {},
    attachedPolicies: [],
  };
  world.state.commit(world.state.groups.put(key, group));
  return [groupElement('Group', group)];
});

export const getGroup = iamOperation('GetGroup', ofGroup, (request) => {
  const group = findGroup(request);
  const { items, paging } = pageOf(membersOf(group, request), request.parameters);
  return [
    groupElement('Group', group),
    element(
      'Users',
      items.map((user) => userElement('member', user)),
    ),
    ...paging,
  ];
});

export const deleteGroup = iamOperation('DeleteGroup', ofGroup, (request) => {
  const { state } = request.world;
  const group = findGroup(request);
  if (membersOf(group, request).length > 0) {
    throw deleteConflict('Cannot delete entity, must remove users from group first.');
  }
  refuseWhilePoliciesStay(group);
  state.commit(state.groups.remove(`${group.accountId}/${group.name}`));
  return null;
});

export const listGroups = iamOperation('ListGroups', everyEntity('group'), (request) => {
  const { accountId, world } = request;
  const { items, paging } = pageUnderPath(world.state.groups.under(`${accountId}/`), request);
  return groupList(items, paging);
});

export const addUserToGroup = iamOperation('AddUserToGroup', ofGroup, (request) => {
  const { name } = findGroup(request);
  const user = namedUser(request);
  const groups = [...new Set([...(user.groups ?? []), name])];
  if (groups.length > maxGroupsOfUser) throw limitExceeded('GroupsPerUser', maxGroupsOfUser);
  putGroups(request, user, groups);
  return null;
});

export const removeUserFromGroup = iamOperation('RemoveUserFromGroup', ofGroup, (request) => {
  const { name } = findGroup(request);
  const user = namedUser(request);
  putGroups(
    request,
    user,
    (user.groups ?? []).filter((group) => group !== name),
  );
  return null;
});

export const listGroupsForUser = iamOperation(
  'ListGroupsForUser',
  named('user', 'UserName'),
  (request) => {
    const { accountId, world, parameters } = request;
    const groups = (namedUser(request).groups ?? []).flatMap(
      (name) => world.state.groups.get(`${accountId}/${name}`) ?? [],
    );
    const { items, paging } = pageOf(groups, parameters);
    return groupList(items, paging);
  },
);

function namedUser(request: QueryRequest): UserRecord {
  return findUser(request, request.parameters.text('UserName', entityName));
}

function putGroups({ world }: QueryRequest, user: UserRecord, groups: readonly string[]): void {
  const { users } = world.state;
  world.state.commit(users.put(`${user.accountId}/${user.name}`, { ...user, groups }));
}

function membersOf({ name }: GroupRecord, { world, accountId }: QueryRequest): UserRecord[] {
  return [...world.state.users.under(`${accountId}/`)].filter((user) =>
    user.groups?.includes(name),
  );
}

function groupList(groups: readonly GroupRecord[], paging: readonly string[]): string[] {
  return [
    element(
      'Groups',
      groups.map((group) => groupElement('member', group)),
    ),
    ...paging,
  ];
}

function groupElement(name: string, group: GroupRecord): string {
  return element(name, [
    text('Path', group.path),
    text('GroupName', group.name),
    text('GroupId', group.id),
    text('Arn', entityArn('group', group)),
    text('CreateDate', seconds(group.createdAt)),
  ]);
}
