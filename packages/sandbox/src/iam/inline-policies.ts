import { AwsError } from '../http/aws-error.ts';
import { element, text } from '../http/xml.ts';
import type { QueryOperation, QueryRequest } from '../query/query-operation.ts';
import { readDocument } from './check-document.ts';
import { type EntityKind, findEntity, ofEntity } from './find-entity.ts';
import {
  encodedDocument,
  entityName,
  iamOperation,
  noSuchEntity,
  pageOf,
} from './iam-operation.ts';

export const putUserPolicy = putPolicy('User');
export const putRolePolicy = putPolicy('Role');
export const putGroupPolicy = putPolicy('Group');
export const getUserPolicy = getPolicy('User');
export const getRolePolicy = getPolicy('Role');
export const getGroupPolicy = getPolicy('Group');
export const deleteUserPolicy = deletePolicy('User');
export const deleteRolePolicy = deletePolicy('Role');
export const deleteGroupPolicy = deletePolicy('Group');
export const listUserPolicies = listPolicies('User');
export const listRolePolicies = listPolicies('Role');
export const listGroupPolicies = listPolicies('Group');

function putPolicy(kind: EntityKind): QueryOperation {
  return iamOperation(`Put${kind}Policy`, ofEntity(kind), (request) => {
    const name = request.parameters.text('PolicyName', entityName);
    const document = readDocument(request, 'PolicyDocument', 'identity');
    const { record, changed } = findEntity(request, kind);
    const inlinePolicies = { ...record.inlinePolicies, [name]: document };
    checkTotal(kind, record.name, Object.values(inlinePolicies));
    request.world.state.commit(changed({ inlinePolicies }));
    return null;
  });
}

/** How long all inline policies together may be, without their spaces. */
const maxTotal = { User: 2048, Role: 10_240, Group: 5120 } as const;

function checkTotal(kind: EntityKind, name: string, documents: readonly string[]): void {
  const total = documents.join('').replace(/\s/g, '').length;
  if (total <= maxTotal[kind]) return;
  throw new AwsError(
    409,
    'LimitExceeded',
    `Maximum policy size of ${maxTotal[kind]} bytes exceeded for ${kind.toLowerCase()} ${name}`,
  );
}

function getPolicy(kind: EntityKind): QueryOperation {
  return iamOperation(`Get${kind}Policy`, ofEntity(kind), (request) => {
    const { entity, name, document } = findPolicy(request, kind);
    return [
      text(`${kind}Name`, entity),
      text('PolicyName', name),
      text('PolicyDocument', encodedDocument(document)),
    ];
  });
}

function deletePolicy(kind: EntityKind): QueryOperation {
  return iamOperation(`Delete${kind}Policy`, ofEntity(kind), (request) => {
    const { name } = findPolicy(request, kind);
    const { record, changed } = findEntity(request, kind);
    const { [name]: _, ...inlinePolicies } = record.inlinePolicies;
    request.world.state.commit(changed({ inlinePolicies }));
    return null;
  });
}

function listPolicies(kind: EntityKind): QueryOperation {
  return iamOperation(`List${kind}Policies`, ofEntity(kind), (request) => {
    const names = Object.keys(findEntity(request, kind).record.inlinePolicies).sort();
    const { items, paging } = pageOf(names, request.parameters);
    return [
      element(
        'PolicyNames',
        items.map((name) => text('member', name)),
      ),
      ...paging,
    ];
  });
}

function findPolicy(
  request: QueryRequest,
  kind: EntityKind,
): { readonly entity: string; readonly name: string; readonly document: string } {
  const name = request.parameters.text('PolicyName', entityName);
  const { record } = findEntity(request, kind);
  const document = Object.hasOwn(record.inlinePolicies, name)
    ? record.inlinePolicies[name]
    : undefined;
  if (document === undefined) {
    throw noSuchEntity(`The ${kind.toLowerCase()} policy with name ${name} cannot be found.`);
  }
  return { entity: record.name, name, document };
}
