import {
  CausewayError,
  type Connection,
  flowPrefix,
  type ManagedConnection,
  receiptFolder,
} from '@causeway/contract';
import type { PolicyDocument } from '@causeway/policy';
import { expectedDocuments } from '../check/expected-documents.ts';
import { managedRole } from '../create-connection.ts';
import type { Operator } from '../operator.ts';
import { type AccessRole, findRoleDrift, readRole } from './access-role.ts';
import { findPolicyDrift, type PolicyDrift, readBucketPolicy } from './bucket-policy.ts';
import type { ManagedClients } from './managed-deps.ts';

/** @throws CausewayError `not_managed` unless the bucket is the operator's. */
export function requireManaged(connection: Connection): ManagedConnection {
  const { id: connectionId, access, bucket } = connection;
  if (connection.owner === 'operator' && bucket !== null) return { ...connection, bucket };
  throw new CausewayError('not_managed', { connectionId, access });
}

/** The customer's way into a managed bucket, as it must be. */
export interface ManagedAccess {
  readonly bucketPolicy: PolicyDocument;
  /** Null when the bucket policy alone lets the customer in. */
  readonly role: AccessRole | null;
}

/** While the access is revoked there is no role, and the policy lets nobody in. */
export function managedAccess(connection: ManagedConnection, operator: Operator): ManagedAccess {
  const documents = expectedDocuments(connection, operator);
  const bucketPolicy = documents['bucketPolicy'] as PolicyDocument;
  if (connection.revokedAt !== null) {
    return { bucketPolicy: withoutAllows(bucketPolicy), role: null };
  }
  if (connection.access === 'bucket_policy') return { bucketPolicy, role: null };
  const role = {
    name: connection.roleName,
    description: `Lets account ${connection.customerAccountId} use bucket ${connection.bucket}`,
    trustPolicy: documents['trustPolicy'] as PolicyDocument,
    permissionsPolicy: documents['permissionsPolicy'] as PolicyDocument,
  };
  return { bucketPolicy, role };
}

/** What refuses stays, whatever becomes of the rest. */
function withoutAllows(policy: PolicyDocument): PolicyDocument {
  return { ...policy, Statement: policy.Statement.filter(({ Effect }) => Effect === 'Deny') };
}

/** How the way in differs from what it must be. */
export interface AccessDrift {
  readonly policy: PolicyDrift;
  /** Sentences. */
  readonly role: readonly string[];
}

export async function findAccessDrift(
  connection: ManagedConnection,
  operator: Operator,
  { s3, iam }: ManagedClients,
): Promise<AccessDrift> {
  const wanted = managedAccess(connection, operator);
  const { role } = wanted;
  const [policy, foundRole] = await Promise.all([
    readBucketPolicy(s3, connection),
    role && readRole(iam, role.name),
  ]);
  return {
    policy: findPolicyDrift(policy, wanted.bucketPolicy),
    role: role === null ? [] : findRoleDrift(foundRole, role),
  };
}

/** Differences that a person must have made, as sentences: what a broken change leaves is none. */
export function handMade({ policy, role }: AccessDrift): string[] {
  return [
    ...policy.missing.map((sid) => `statement "${sid}" was removed from the bucket policy`),
    ...policy.changed.map((sid) => `statement "${sid}" of the bucket policy was changed`),
    ...policy.foreign.map((sid) => `statement "${sid}" was added to the bucket policy`),
    ...role,
  ];
}

/** Where the customer writes receipts, if it may. */
export function receiptsPrefix(connection: ManagedConnection): string {
  return `${flowPrefix(connection, 'deliver')}${receiptFolder}`;
}

/** The name that a role of this bucket has, or would have. */
export function roleNameOf(connection: ManagedConnection, operator: Operator): string {
  return managedRole(connection.bucket, operator).roleName;
}
