import { entityArn } from '../access/entity-arn.ts';
import { shownDocument } from '../access/named-principals.ts';
import { element, text } from '../http/xml.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import { readTags } from '../query/tags.ts';
import type { RoleRecord } from '../state/records.ts';
import { readBoundary } from './boundaries.ts';
import { readTrustPolicy } from './check-document.ts';
import { findRole, isTaken, pageUnderPath, refuseWhilePoliciesStay } from './find-entity.ts';
import {
  alreadyExists,
  encodedDocument,
  entityName,
  everyEntity,
  iamOperation,
  named,
  readPath,
  seconds,
} from './iam-operation.ts';
import { newEntityId } from './new-id.ts';
import { tagsElement } from './tags-element.ts';

const ofRole = named('role', 'RoleName');
const defaultSessionSeconds = 3600;

export const createRole = iamOperation('CreateRole', ofRole, (request) => {
  const { parameters, accountId, world } = request;
  const name = parameters.text('RoleName', { ...entityName, max: 64 });
  const key = `${accountId}/${name}`;
  if (isTaken(name, world.state.roles, accountId))
    throw alreadyExists(`Role with name ${name} already exists.`);
  const role: RoleRecord = {
    accountId,
    name,
    path: readPath(parameters),
    id: newEntityId('AROA'),
    createdAt: world.now().toISOString(),
    description: parameters.optionalText('Description', { max: 1000 }),
    ...readTrustPolicy(request, 'AssumeRolePolicyDocument'),
    maxSessionSeconds: readSessionSeconds(request) ?? defaultSessionSeconds,
    inlinePolicies: {},
    attachedPolicies: [],
    boundary: readBoundary(request),
    tags: readTags(parameters, 'InvalidInput'),
  };
  world.state.commit(world.state.roles.put(key, role));
  return [roleElement('Role', role, request, 'with tags')];
});

export const getRole = iamOperation('GetRole', ofRole, (request) => [
  roleElement('Role', findRole(request), request, 'with tags'),
]);

export const deleteRole = iamOperation('DeleteRole', ofRole, (request) => {
  const { state } = request.world;
  const role = findRole(request);
  refuseWhilePoliciesStay(role);
  state.commit(state.roles.remove(`${role.accountId}/${role.name}`));
  return null;
});

export const listRoles = iamOperation('ListRoles', everyEntity('role'), (request) => {
  const { accountId, world } = request;
  const { items, paging } = pageUnderPath(world.state.roles.under(`${accountId}/`), request);
  return [
    element(
      'Roles',
      items.map((role) => roleElement('member', role, request)),
    ),
    ...paging,
  ];
});

export const updateAssumeRolePolicy = iamOperation('UpdateAssumeRolePolicy', ofRole, (request) => {
  change(request, readTrustPolicy(request, 'PolicyDocument'));
  return null;
});

export const updateRole = iamOperation('UpdateRole', ofRole, (request) => {
  const description = request.parameters.optionalText('Description', { max: 1000 });
  const maxSessionSeconds = readSessionSeconds(request);
  change(request, {
    ...(description !== null && { description }),
    ...(maxSessionSeconds !== null && { maxSessionSeconds }),
  });
  return [];
});

/** The older way to set what UpdateRole sets. */
export const updateRoleDescription = iamOperation('UpdateRoleDescription', ofRole, (request) => {
  change(request, { description: request.parameters.text('Description', { max: 1000 }) });
  return [roleElement('Role', findRole(request), request)];
});

/** None: the sandbox has no computers. Tools ask before they delete a role. */
export const listInstanceProfilesForRole = iamOperation(
  'ListInstanceProfilesForRole',
  ofRole,
  (request) => {
    findRole(request);
    return [element('InstanceProfiles', []), text('IsTruncated', false)];
  },
);

function change(request: QueryRequest, fields: Partial<RoleRecord>): void {
  const { state } = request.world;
  const role = findRole(request);
  state.commit(state.roles.put(`${role.accountId}/${role.name}`, { ...role, ...fields }));
}

function readSessionSeconds({ parameters }: QueryRequest): number | null {
  return parameters.optionalNumber('MaxSessionDuration', 3600, 43_200);
}

function roleElement(
  name: string,
  role: RoleRecord,
  { world }: QueryRequest,
  detail?: 'with tags',
): string {
  return element(name, [
    text('Path', role.path),
    text('RoleName', role.name),
    text('RoleId', role.id),
    text('Arn', entityArn('role', role)),
    text('CreateDate', seconds(role.createdAt)),
    text(
      'AssumeRolePolicyDocument',
      encodedDocument(shownDocument(role.trustPolicy, role.trustedIds, world.state)),
    ),
    text('Description', role.description),
    text('MaxSessionDuration', role.maxSessionSeconds),
    ...(role.boundary === null
      ? []
      : [
          element('PermissionsBoundary', [
            text('PermissionsBoundaryType', 'Policy'),
            text('PermissionsBoundaryArn', role.boundary),
          ]),
        ]),
    ...(detail === 'with tags' ? [tagsElement(role.tags)] : []),
  ]);
}
