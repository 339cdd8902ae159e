import type { QueryOperation, QueryService } from '../query/query-operation.ts';
import {
  createAccessKey,
  deleteAccessKey,
  listAccessKeys,
  updateAccessKey,
} from './access-keys.ts';
import {
  attachRolePolicy,
  attachUserPolicy,
  detachRolePolicy,
  detachUserPolicy,
  listAttachedRolePolicies,
  listAttachedUserPolicies,
} from './attached-policies.ts';
import {
  deleteRolePermissionsBoundary,
  deleteUserPermissionsBoundary,
  putRolePermissionsBoundary,
  putUserPermissionsBoundary,
} from './boundaries.ts';
import {
  deleteRolePolicy,
  deleteUserPolicy,
  getRolePolicy,
  getUserPolicy,
  listRolePolicies,
  listUserPolicies,
  putRolePolicy,
  putUserPolicy,
} from './inline-policies.ts';
import {
  createPolicy,
  deletePolicy,
  getPolicy,
  getPolicyVersion,
  listPolicies,
} from './managed-policies.ts';
import {
  addClientIdToOpenIdConnectProvider,
  createOpenIdConnectProvider,
  deleteOpenIdConnectProvider,
  getOpenIdConnectProvider,
  listOpenIdConnectProviders,
  removeClientIdFromOpenIdConnectProvider,
  updateOpenIdConnectProviderThumbprint,
} from './oidc-providers.ts';
import {
  createRole,
  deleteRole,
  getRole,
  listRoles,
  updateAssumeRolePolicy,
  updateRole,
} from './roles.ts';
import { createUser, deleteUser, getUser, listUsers } from './users.ts';

const operations: readonly QueryOperation[] = [
  createUser,
  getUser,
  deleteUser,
  listUsers,
  createAccessKey,
  deleteAccessKey,
  listAccessKeys,
  updateAccessKey,
  createRole,
  getRole,
  deleteRole,
  listRoles,
  updateRole,
  updateAssumeRolePolicy,
  putUserPolicy,
  getUserPolicy,
  deleteUserPolicy,
  listUserPolicies,
  putRolePolicy,
  getRolePolicy,
  deleteRolePolicy,
  listRolePolicies,
  createPolicy,
  getPolicy,
  getPolicyVersion,
  deletePolicy,
  listPolicies,
  attachUserPolicy,
  attachRolePolicy,
  detachUserPolicy,
  detachRolePolicy,
  listAttachedUserPolicies,
  listAttachedRolePolicies,
  putUserPermissionsBoundary,
  putRolePermissionsBoundary,
  deleteUserPermissionsBoundary,
  deleteRolePermissionsBoundary,
  createOpenIdConnectProvider,
  getOpenIdConnectProvider,
  listOpenIdConnectProviders,
  deleteOpenIdConnectProvider,
  updateOpenIdConnectProviderThumbprint,
  addClientIdToOpenIdConnectProvider,
  removeClientIdFromOpenIdConnectProvider,
];

export const iam: QueryService = {
  name: 'iam',
  namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  operations: Object.fromEntries(operations.map((operation) => [operation.name, operation])),
};
