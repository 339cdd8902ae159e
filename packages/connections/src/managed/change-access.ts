import {
  type AccessChange,
  CausewayError,
  type Connection,
  type ManagedConnection,
} from '@causeway/contract';
import { managedRole, newExternalId, refuseUselessReceipts } from '../create-connection.ts';
import type { Operator } from '../operator.ts';
import { deleteRole, putRole } from './access-role.ts';
import { mendBucketPolicy } from './bucket-policy.ts';
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
 * The connection is a draft afterwards: what was checked was the other way. Where receipts alone
 * change it goes on as it was, since deliveries go the same way as before.
 *
 * @throws CausewayError `invalid_request` for nothing, for an external ID without a role, and for
 * receipts where nothing is delivered; `access_changed_by_hand` when the present way is not as we
 * made it: what others rely on would be lost.
 */
export async function changeAccess(
  connection: ManagedConnection,
  change: AccessChange,
  deps: ChangeAccessDeps,
): Promise<Connection> {
  const { operator } = deps;
  refuseUseless(connection, change);
  requireProvisioned(connection);
  return withClients(deps, async (clients) => {
    const changed = withAccess(connection, change, operator);
    await refuseHandMade(connection, changed, operator, clients);
    await openNewWay(connection, changed, operator, clients);
    const saved = await deps.save(changed);
    await closeOldWay(changed, operator, clients);
    return saved;
  });
}

/** What stands there already as it is to be, a change that broke off has left. */
async function refuseHandMade(
  connection: ManagedConnection,
  changed: ManagedConnection,
  operator: Operator,
  clients: ManagedClients,
): Promise<void> {
  const differences = handMade(await findAccessDrift(connection, operator, clients));
  if (differences.length === 0) return;
  if (handMade(await findAccessDrift(changed, operator, clients)).length === 0) return;
  const { id: connectionId } = connection;
  throw new CausewayError('access_changed_by_hand', { connectionId, differences });
}

function refuseUseless(connection: ManagedConnection, change: AccessChange): void {
  const { access = connection.access, externalId, receipts } = change;
  const refuse = (path: string, message: string) => {
    throw new CausewayError('invalid_request', { issues: [{ path, message }] });
  };
  if (Object.values(change).every((each) => each === undefined)) refuse('', 'names no change');
  if (access !== 'operator_role' && externalId !== undefined) {
    refuse('externalId', 'is for access "operator_role" alone');
  }
  refuseUselessReceipts({ receipts, capabilities: connection.capabilities });
}

/** @throws CausewayError `connection_not_ready` while there is nothing to change, or nobody is let in. */
function requireProvisioned({ id, provisionedAt, revokedAt }: ManagedConnection): void {
  if (provisionedAt !== null && revokedAt === null) return;
  const status = revokedAt === null ? 'not provisioned yet' : 'revoked';
  throw new CausewayError('connection_not_ready', { connectionId: id, status });
}

function withAccess(
  connection: ManagedConnection,
  { access = connection.access, externalId: choice, receipts = connection.receipts }: AccessChange,
  operator: Operator,
): ManagedConnection {
  const { roleName: _, roleArn: __, externalId: before, ...rest } = withRole(connection);
  const wanted = choice ?? (before === null ? 'none' : 'generated');
  const externalId = wanted === 'none' ? null : (before ?? newExternalId());
  const isSameWay = access === connection.access && externalId === before;
  const changed = {
    ...rest,
    receipts,
    ...(!isSameWay && { status: 'draft' as const, lastCheck: null }),
  };
  if (access === 'bucket_policy') return { ...changed, access };
  return { ...changed, access, ...managedRole(connection.bucket, operator), externalId };
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
  // What becomes less waits until the connection says so.
  if (before.access === after.access && !after.receipts) return;
  await mendBucketPolicy(s3, after, bucketPolicy, { keepForeign: true });
}

async function closeOldWay(
  after: ManagedConnection,
  operator: Operator,
  { s3, iam }: ManagedClients,
): Promise<void> {
  const { role, bucketPolicy } = managedAccess(after, operator);
  if (role === null) await deleteRole(iam, roleNameOf(after, operator));
  await mendBucketPolicy(s3, after, bucketPolicy, { keepForeign: true });
}
