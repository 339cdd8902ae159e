import { managedDocument } from '../access/policies-of.ts';
import type { QueryOperation, QueryRequest } from '../query/query-operation.ts';
import { findPrincipal, ofEntity } from './find-entity.ts';
import { iamOperation, noSuchEntity } from './iam-operation.ts';

/** The boundary that a request asks for; null when it asks for none. */
export function readBoundary({ parameters, world }: QueryRequest): string | null {
  const arn = parameters.optionalText('PermissionsBoundary', { min: 20, max: 2048 });
  if (arn === null || managedDocument(arn, world.state) !== null) return arn;
  throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
}

export const putUserPermissionsBoundary = putBoundary('User');
export const putRolePermissionsBoundary = putBoundary('Role');
export const deleteUserPermissionsBoundary = deleteBoundary('User');
export const deleteRolePermissionsBoundary = deleteBoundary('Role');

function putBoundary(kind: 'User' | 'Role'): QueryOperation {
  return iamOperation(`Put${kind}PermissionsBoundary`, ofEntity(kind), (request) => {
    request.parameters.text('PermissionsBoundary');
    request.world.state.commit(
      findPrincipal(request, kind).changed({ boundary: readBoundary(request) }),
    );
    return null;
  });
}

function deleteBoundary(kind: 'User' | 'Role'): QueryOperation {
  return iamOperation(`Delete${kind}PermissionsBoundary`, ofEntity(kind), (request) => {
    request.world.state.commit(findPrincipal(request, kind).changed({ boundary: null }));
    return null;
  });
}
