import { entityArn } from '../access/entity-arn.ts';
import { element, text } from '../http/xml.ts';
import { readTags } from '../query/tags.ts';
import type { UserRecord } from '../state/records.ts';
import { readBoundary } from './boundaries.ts';
import { findUser, isTaken, pageUnderPath, refuseWhilePoliciesStay } from './find-entity.ts';
import {
  alreadyExists,
  deleteConflict,
  entityName,
  everyEntity,
  iamOperation,
  named,
  readPath,
  seconds,
} from './iam-operation.ts';
import { newEntityId } from './new-id.ts';
import { tagsElement } from './tags-element.ts';

export const createUser = iamOperation('CreateUser', named('user', 'UserName'), (request) => {
  const { parameters, accountId, world } = request;
  const name = parameters.text('UserName', { ...entityName, max: 64 });
  const key = `${accountId}/${name}`;
  if (isTaken(name, world.state.users, accountId))
    throw alreadyExists(`User with name ${name} already exists.`);
  const user: UserRecord = {
    accountId,
    name,
    path: readPath(parameters),
    id: newEntityId('AIDA'),
    createdAt: world.now().toISOString(),
    inlinePolicies: {},
    attachedPolicies: [],
    boundary: readBoundary(request),
    tags: readTags(parameters, 'InvalidInput'),
  };
  world.state.commit(world.state.users.put(key, user));
  return [userElement('User', user, 'with tags')];
});

export const getUser = iamOperation('GetUser', named('user', 'UserName'), (request) => {
  const { caller, parameters, accountId } = request;
  if (caller.kind === 'root' && parameters.get('UserName') === null) {
    return [element('User', [text('UserId', accountId), text('Arn', caller.arn)])];
  }
  return [userElement('User', findUser(request), 'with tags')];
});

export const deleteUser = iamOperation('DeleteUser', named('user', 'UserName'), (request) => {
  const { accountId, world, parameters } = request;
  const user = findUser(request, parameters.text('UserName', entityName));
  const keys = [...world.state.accessKeys.under('')].filter(
    (key) => key.accountId === accountId && key.userName === user.name,
  );
  if (keys.length > 0) {
    throw deleteConflict('Cannot delete entity, must delete access keys first.');
  }
  if ((user.groups ?? []).length > 0) {
    throw deleteConflict('Cannot delete entity, must remove users from group first.');
  }
  refuseWhilePoliciesStay(user);
  world.state.commit(world.state.users.remove(`${accountId}/${user.name}`));
  return null;
});

/** Renames a user, or moves it to another path. Its id, keys and policies stay. */
export const updateUser = iamOperation('UpdateUser', named('user', 'UserName'), (request) => {
  const { accountId, world, parameters } = request;
  const { state } = world;
  const user = findUser(request, parameters.text('UserName', entityName));
  const name = parameters.optionalText('NewUserName', { ...entityName, max: 64 }) ?? user.name;
  const isOwn = name.toLowerCase() === user.name.toLowerCase();
  if (!isOwn && isTaken(name, state.users, accountId)) {
    throw alreadyExists(`User with name ${name} already exists.`);
  }
  const path = parameters.get('NewPath') === null ? user.path : readPath(parameters, 'NewPath');
  const keys = [...state.accessKeys.under('')].filter(
    (key) => key.accountId === accountId && key.userName === user.name,
  );
  state.commit(
    ...(name === user.name ? [] : [state.users.remove(`${accountId}/${user.name}`)]),
    state.users.put(`${accountId}/${name}`, { ...user, name, path }),
    ...keys.map((key) => state.accessKeys.put(key.id, { ...key, userName: name })),
  );
  return null;
});

export const listUsers = iamOperation('ListUsers', everyEntity('user'), (request) => {
  const { accountId, world } = request;
  const { items, paging } = pageUnderPath(world.state.users.under(`${accountId}/`), request);
  return [
    element(
      'Users',
      items.map((user) => userElement('member', user)),
    ),
    ...paging,
  ];
});

export function userElement(name: string, user: UserRecord, detail?: 'with tags'): string {
  return element(name, [
    text('Path', user.path),
    text('UserName', user.name),
    text('UserId', user.id),
    text('Arn', entityArn('user', user)),
    text('CreateDate', seconds(user.createdAt)),
    ...(user.boundary === null
      ? []
      : [
          element('PermissionsBoundary', [
            text('PermissionsBoundaryType', 'Policy'),
            text('PermissionsBoundaryArn', user.boundary),
          ]),
        ]),
    ...(detail === 'with tags' ? [tagsElement(user.tags)] : []),
  ]);
}
