import { DeleteBucketCommand } from '@aws-sdk/client-s3';
import type { ManagedConnection } from '@causeway/contract';
import type { Operator } from '../operator.ts';
import { deleteRole } from './access-role.ts';
import { mendBucketPolicy } from './bucket-policy.ts';
import { managedAccess, roleNameOf } from './managed-access.ts';
import { type ManagedClients, type ManagedDeps, withClients } from './managed-deps.ts';
import { operatorLookup } from './operator-call.ts';

/**
 * Takes the customer's way into its managed bucket away, and keeps bucket and data. The
 * bucket is never deleted once its name was handed out: the customer's jobs may still
 * write to that name, which a stranger could take. One that was never complete goes.
 *
 * Statements of others in the bucket policy go too: whatever they allow, the customer is
 * to have left.
 *
 * @returns The connection, paused, with `revokedAt`. Provisioning lets the customer in again.
 */
export async function revokeAccess(
  connection: ManagedConnection,
  deps: ManagedDeps,
): Promise<ManagedConnection> {
  const { operator, now = () => new Date() } = deps;
  const revoked: ManagedConnection = {
    ...connection,
    status: 'paused',
    revokedAt: connection.revokedAt ?? now().toISOString(),
  };
  await withClients(deps, async (clients) => {
    await deleteRole(clients.iam, roleNameOf(connection, operator));
    if (connection.provisionedAt === null) await deleteUnfinished(connection, clients);
    else await closeBucket(revoked, operator, clients);
  });
  return revoked;
}

async function closeBucket(
  revoked: ManagedConnection,
  operator: Operator,
  { s3 }: ManagedClients,
): Promise<void> {
  const { bucketPolicy } = managedAccess(revoked, operator);
  await mendBucketPolicy(s3, revoked, bucketPolicy, { keepForeign: false });
}

/** S3 deletes empty buckets only, and nobody could write to this one. */
async function deleteUnfinished(
  { bucket, accountId }: ManagedConnection,
  { s3 }: ManagedClients,
): Promise<void> {
  await operatorLookup('s3:DeleteBucket', bucket, ['NoSuchBucket'], () =>
    s3.send(
      new DeleteBucketCommand({ Bucket: bucket, ExpectedBucketOwner: accountId ?? undefined }),
    ),
  );
}
