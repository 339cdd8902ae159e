import { CreateBucketCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import { CausewayError, type ManagedConnection, type ProvisionRequest } from '@causeway/contract';
import { attempt } from '../check/attempt.ts';
import { managedBucket, managedRole } from '../create-connection.ts';
import type { Operator } from '../operator.ts';
import { deleteRole, putRole } from './access-role.ts';
import { mendBucketPolicy } from './bucket-policy.ts';
import { findDriftedSettings } from './bucket-settings.ts';
import { managedAccess, roleNameOf } from './managed-access.ts';
import { type ManagedClients, type ManagedDeps, withClients } from './managed-deps.ts';
import { operatorLookup, refusal } from './operator-call.ts';

export interface ProvisionDeps extends ManagedDeps {
  /** Keeps new names before anything has them, so that nothing is made that nobody knows of. */
  readonly rename: (names: ManagedNames) => Promise<ManagedConnection>;
}

/** What follows from the name of a managed bucket. */
export type ManagedNames = Pick<ManagedConnection, 'bucket' | 'bucketArn'> &
  Partial<ReturnType<typeof managedRole>>;

/**
 * Makes the bucket of a connection and the customer's way into it, or puts back what is
 * missing or was changed. Every call looks first and can be repeated, so that after a
 * failure or a crash at any point the same again finishes the work. Who is let in comes
 * last: what is half made is private.
 *
 * A name that somebody else has is never adopted. As long as nobody was told it, another is
 * taken; after that it means that the bucket was lost.
 *
 * @returns The connection with what is known now.
 * @throws CausewayError `bucket_not_ours`; `access_denied` naming the permission that the
 * operator lacks; `store_refused`; `store_unavailable`.
 */
export async function provisionBucket(
  connection: ManagedConnection,
  { bucketPolicy }: ProvisionRequest,
  deps: ProvisionDeps,
): Promise<ManagedConnection> {
  const { operator, browserOrigins = [], now = () => new Date() } = deps;
  return withClients(deps, async (clients) => {
    const named = await ensureBucket(connection, clients, deps);
    const target = { s3: clients.s3, connection: named, browserOrigins };
    // One after the other: S3 refuses changes of one bucket at the same time.
    for (const { setting } of await findDriftedSettings(target)) await setting.put(target);
    await ensureAccess(named, operator, clients, bucketPolicy === 'merge');
    const provisionedAt = named.provisionedAt ?? now().toISOString();
    return { ...named, region: operator.region, provisionedAt };
  });
}

/** How many names are tried: that even one is taken by chance will not be seen. */
const mostNames = 3;

async function ensureBucket(
  connection: ManagedConnection,
  clients: ManagedClients,
  deps: ProvisionDeps,
): Promise<ManagedConnection> {
  let named = connection;
  for (let tries = 1; ; tries++) {
    if (await createBucket(named, clients, deps.operator)) return named;
    const { bucket, provisionedAt, accountId } = named;
    if (provisionedAt !== null || tries === mostNames) {
      throw new CausewayError('bucket_not_ours', { bucket, accountId: accountId ?? '' });
    }
    named = await deps.rename(newNames(named, deps.operator));
  }
}

/** Other names for a bucket whose name is taken. */
function newNames(connection: ManagedConnection, operator: Operator): ManagedNames {
  const names = managedBucket(connection.resourceId, operator);
  if (connection.access === 'bucket_policy') return names;
  return { ...names, ...managedRole(names.bucket, operator) };
}

/**
 * Whether there is a bucket of this name that is ours. The owner is asked for in any case:
 * in us-east-1, S3 answers a repeated CreateBucket with success.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
 */
async function createBucket(
  { bucket: Bucket, accountId, settings }: ManagedConnection,
  { s3 }: ManagedClients,
  { region }: Operator,
): Promise<boolean> {
  const ExpectedBucketOwner = accountId ?? undefined;
  const there = await attempt('s3:HeadBucket', () =>
    s3.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner })),
  );
  if (there.ok) return true;
  const created = await attempt('s3:CreateBucket', () =>
    s3.send(
      new CreateBucketCommand({
        Bucket,
        ObjectOwnership:
          settings.ownership === 'enforced' ? 'BucketOwnerEnforced' : 'BucketOwnerPreferred',
        ...(region !== 'us-east-1' && {
          CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' },
        }),
      }),
    ),
  );
  if (!created.ok && created.code === 'BucketAlreadyExists') return false;
  if (!created.ok && created.code !== 'BucketAlreadyOwnedByYou') {
    throw refusal('s3:CreateBucket', Bucket, created);
  }
  const owned = await operatorLookup(
    's3:ListBucket',
    Bucket,
    ['NotFound', 'NoSuchBucket', 'Forbidden', 'AccessDenied'],
    () => s3.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner })),
  );
  return owned !== null;
}

/** What lets in comes before what no longer does, so that the customer is never left outside. */
async function ensureAccess(
  connection: ManagedConnection,
  operator: Operator,
  { s3, iam }: ManagedClients,
  keepForeign: boolean,
): Promise<void> {
  const { role, bucketPolicy } = managedAccess(connection, operator);
  if (role !== null) await putRole(iam, role);
  await mendBucketPolicy(s3, connection, bucketPolicy, { keepForeign });
  if (role === null) await deleteRole(iam, roleNameOf(connection, operator));
}
