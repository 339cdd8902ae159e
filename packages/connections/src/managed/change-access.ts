import {
  type AccessChange,
  CausewayError,
  type Connection,
  type ManagedConnection,
} from '@causeway/contract';
import { managedRole, newExternalId } from '../create-connection.ts';
import type { Operator } from '../operator.ts';
import { deleteRole, putRole } from './access-role.ts';
import { mendedPolicy, putBucketPolicy, readBucketPolicy } from './bucket-policy.ts';
import { findAccessDrift, handMade, managedAccess, roleNameOf } from './managed-access.ts';
import { type ManagedClients, type ManagedDeps, withClients } from './managed-deps.ts';

export interface ChangeAccessDeps extends ManagedDeps {
  /** Keeps the connection with its new access. */
  readonly save: (changed: ManagedConnection) => Promise<Connection>;
}

/**
 * Changes how the customer comes into its managed bucket. The new way is there before the
 * connection says so, and the old one is closed after that: at no moment is the customer
 * left outside. When it fails in between, provisioning finishes it, in the direction that
 * the connection says by then.
 *
 * The connection is a draft afterwards: what was checked was the other way.
 *
 * @throws CausewayError `invalid_request` for an external ID without a role;
 * `access_changed_by_hand` when the present way is not as we made it:
 * what others rely on would be lost.
 */
export async function changeAccess(
  connection: ManagedConnection,
  change: AccessChange,
  deps: ChangeAccessDeps,
): Promise<Connection> {
  const { operator } = deps;
  refuseUselessId(change);
  requireProvisioned(connection);
  return withClients(deps, async (clients) => {
    const differences = handMade(await findAccessDrift(connection, operator, clients));
    if (differences.length > 0) {
      const { id: connectionId } = connection;
      throw new CausewayError('access_changed_by_hand', { connectionId, differences });
    }
    const changed = withAccess(connection, change, operator);
    await openNewWay(connection, changed, operator, clients);
    const saved = await deps.save(changed);
    await closeOldWay(changed, operator, clients);
    return saved;
  });
}

function refuseUselessId({ access, externalId }: AccessChange): void {
  if (access === 'operator_role' || externalId === undefined) return;
  const message = 'is for access "operator_role" alone';
  throw new CausewayError('invalid_request', { issues: [{ path: 'externalId', message }] });
}

/** @throws CausewayError `connection_not_ready` while there is nothing to change, or nobody is let in. */
function requireProvisioned({ id, provisionedAt, revokedAt }: ManagedConnection): void {
  if (provisionedAt !== null && revokedAt === null) return;
  const status = revokedAt === null ? 'not provisioned yet' : 'revoked';
  throw new CausewayError('connection_not_ready', { connectionId: id, status });
}

function withAccess(
  connection: ManagedConnection,
  { access, externalId: choice }: AccessChange,
  operator: Operator,
): ManagedConnection {
  const { roleName: _, roleArn: __, externalId: before, ...rest } = withRole(connection);
  const draft = { ...rest, status: 'draft' as const, lastCheck: null };
  if (access === 'bucket_policy') return { ...draft, access };
  const wanted = choice ?? (before === null ? 'none' : 'generated');
  const externalId = wanted === 'none' ? null : (before ?? newExternalId());
  return { ...draft, access, ...managedRole(connection.bucket, operator), externalId };
}

function withRole(connection: ManagedConnection) {
  if (connection.access === 'operator_role') return connection;
  return { ...connection, roleName: null, roleArn: null, externalId: null };
}

async function openNewWay(
  before: ManagedConnection,
  after: ManagedConnection,
  operator: Operator,
  { s3, iam }: ManagedClients,
): Promise<void> {
  const { role, bucketPolicy } = managedAccess(after, operator);
  if (role !== null) return putRole(iam, role);
  if (before.access === after.access) return;
  const found = await readBucketPolicy(s3, after);
  await putBucketPolicy(s3, after, mendedPolicy(found, bucketPolicy, { keepForeign: true }));
}

async function closeOldWay(
  after: ManagedConnection,
  operator: Operator,
  { s3, iam }: ManagedClients,
): Promise<void> {
  const { role, bucketPolicy } = managedAccess(after, operator);
  if (role === null) return deleteRole(iam, roleNameOf(after, operator));
  const found = await readBucketPolicy(s3, after);
  await putBucketPolicy(s3, after, mendedPolicy(found, bucketPolicy, { keepForeign: true }));
}
