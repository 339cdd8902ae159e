import { type Connection, DeliveryTerms } from '@causeway/contract';
import {
  type CommitPosition,
  leaseSeconds,
  type RecipientWork,
  type RunWork,
  type WaitingRun,
} from '@causeway/delivery';
import { type Selectable, sql } from 'kysely';
import { toConnection } from '../connections/connection-row.ts';
import { type Database, type Db, inTransaction } from '../database.ts';
import { toDataset } from '../datasets/datasets.ts';
import { planForgetting } from '../datasets/forgotten-keys.ts';
import { isHolderGone } from '../lease-owner.ts';
import { now } from '../timestamps.ts';
import { tellRunChanged } from './run-channel.ts';
import { tellRunStarted } from './run-events.ts';

interface LeaseState {
  readonly lease_owner: string | null;
  /** By the database's clock, the one that all workers share. */
  readonly is_over: boolean;
}

const isOverNow = sql<boolean>`
  coalesce(lease_renewed_at < clock_timestamp() - make_interval(secs => ${leaseSeconds}), true)
`;
const isOver = isOverNow.as('is_over');

/** Takes a run up, as `RunJournal.takeRun` promises. */
export function takeRun(db: Db, runId: string, owner: string): Promise<RunWork | null> {
  return inTransaction(db, async (trx) => {
    const run = await trx
      .selectFrom('runs')
      .select(['state', 'lease_owner', isOver])
      .where('id', '=', runId)
      .forUpdate()
      .executeTakeFirst();
    if (!run || (run.state !== 'queued' && run.state !== 'running')) return null;
    if (!isFree(run, owner)) return null;
    const taken = await trx
      .updateTable('runs')
      .set((eb) => ({
        state: 'running',
        attempt: eb('attempt', '+', 1),
        lease_owner: owner,
        lease_renewed_at: now,
        resume_at: null,
        started_at: sql<string>`coalesce(started_at, clock_timestamp())`,
      }))
      .where('id', '=', runId)
      .returningAll()
      .executeTakeFirstOrThrow();
    await resolveConnections(trx, runId);
    await planForgetting(trx, taken);
    if (taken.attempt === 1) await tellRunStarted(trx, { runId, deliveryId: taken.delivery_id });
    await tellRunChanged(trx, runId);
    return readWork(trx, taken, owner);
  });
}

/** So many runs that processes of this host have in hand may come before one that is free. */
const mostLookedAt = 500;

/** The first run that {@link takeRun} would take, as `RunJournal.nextRun` promises. */
export async function nextRun(
  db: Db,
  owner: string,
  { runIds, shares }: { readonly runIds: readonly string[]; readonly shares: readonly string[] },
): Promise<WaitingRun | null> {
  const ownHost = `${owner.split('/')[0]}/`;
  const rows = await db
    .selectFrom('runs')
    .select(['id', 'share_key as share', 'lease_owner', isOver])
    .where('state', 'in', ['queued', 'running'])
    .where(sql<boolean>`(resume_at is null or resume_at <= clock_timestamp())`)
    .where(
      sql<boolean>`(lease_owner is null or ${isOverNow} or starts_with(lease_owner, ${ownHost}))`,
    )
    .where(sql<boolean>`id <> all(${runIds}::text[])`)
    .where(sql<boolean>`share_key <> all(${shares}::text[])`)
    .orderBy('turn')
    .orderBy('id')
    .limit(mostLookedAt)
    .execute();
  const free = rows.find((row) => isFree(row, owner));
  return free ? { runId: free.id, share: free.share } : null;
}

function isFree({ lease_owner: holder, is_over }: LeaseState, owner: string): boolean {
  return holder === null || is_over || isHolderGone(holder, owner);
}

/**
 * Chooses the connection of each recipient: the customer's default if it may deliver,
 * then an active one before others, then the newest. One that uploads or a position were journaled under is kept: they are
 * bound to its bucket.
 */
async function resolveConnections(trx: Db, runId: string): Promise<void> {
  await sql`
    update causeway.run_recipients as recipient set connection_id = (
      select id from causeway.connections
      where customer_id = recipient.customer_id and 'deliver' = any(capabilities)
        and bucket is not null
      order by is_default desc, status = 'active' desc, id desc limit 1
    )
    where run_id = ${runId}
      and state in ('planned', 'preparing', 'prepared')
      and not exists (
        select from causeway.uploads
        where uploads.run_id = recipient.run_id and uploads.customer_id = recipient.customer_id
      )
  `.execute(trx);
}

async function readWork(
  trx: Db,
  run: Selectable<Database['runs']>,
  owner: string,
): Promise<RunWork> {
  const row = await trx
    .selectFrom('deliveries')
    .innerJoin('datasets', 'datasets.id', 'deliveries.dataset_id')
    .selectAll('datasets')
    .where('deliveries.id', '=', run.delivery_id)
    .executeTakeFirstOrThrow();
  return {
    lease: { runId: run.id, owner, attempt: run.attempt },
    createdAt: new Date(run.created_at),
    cancelRequested: run.cancel_requested_at !== null,
    retries: run.retries,
    delivery: { id: run.delivery_id, ...DeliveryTerms.parse(run.terms) },
    dataset: toDataset(row),
    schema: run.columns,
    recipients: await readRecipients(trx, run.id),
  };
}

async function readRecipients(trx: Db, runId: string): Promise<RecipientWork[]> {
  const rows = await trx
    .selectFrom('run_recipients as recipient')
    .innerJoin('customers', 'customers.id', 'recipient.customer_id')
    .selectAll('recipient')
    .select('customers.reference')
    .select(
      sql<string | null>`(
        select run_id from causeway.run_recipients as earlier
        where earlier.delivery_id = recipient.delivery_id
          and earlier.customer_id = recipient.customer_id
          and earlier.window_to = recipient.window_to
          and earlier.window_from is not distinct from recipient.window_from
          and earlier.state = 'delivered' and earlier.run_id <> recipient.run_id
        order by sequence limit 1
      )`.as('earlier_run_id'),
    )
    .select(leftUploads.as('left_uploads'))
    .where('recipient.run_id', '=', runId)
    .orderBy('recipient.position')
    .execute();
  const connections = await readConnections(trx, runId);
  return rows.map((row) => ({
    customerId: row.customer_id,
    reference: row.reference,
    connection: connections.get(row.connection_id ?? '') ?? null,
    state: row.state,
    window: { from: row.window_from, to: row.window_to },
    deliveredByRunId: row.earlier_run_id,
    position: toPosition(row),
    forget: row.forgets_after < row.forgets_to ? { after: row.forgets_after } : null,
    manifest:
      row.manifest_key === null || row.manifest_body === null
        ? null
        : { key: row.manifest_key, body: row.manifest_body },
    left: row.left_uploads,
  }));
}

/** Uploads of runs that were given up, where the bucket did not let them be aborted. */
const leftUploads = sql<RecipientWork['left']>`(
  select coalesce(json_agg(json_build_object('runId', upload.run_id, 'uploadId', upload.upload_id,
    'key', upload.key)), '[]'::json)
  from causeway.run_recipients as given_up
  join causeway.uploads as upload on upload.run_id = given_up.run_id
    and upload.customer_id = given_up.customer_id
  where given_up.delivery_id = recipient.delivery_id
    and given_up.customer_id = recipient.customer_id
    and given_up.connection_id = recipient.connection_id
    and given_up.state in ('failed', 'cancelled') and given_up.run_id <> recipient.run_id
    and upload.state <> 'completed' and upload.body is null
)`;

async function readConnections(trx: Db, runId: string): Promise<ReadonlyMap<string, Connection>> {
  const rows = await trx
    .selectFrom('connections')
    .selectAll()
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('run_recipients')
        .select((inner) => inner.ref('connection_id').$notNull().as('id'))
        .where('run_id', '=', runId)
        .where('connection_id', 'is not', null),
    )
    .execute();
  return new Map(rows.map((row) => [row.id, toConnection(row)]));
}

/** The place of a recipient in its sequence, once it has one. */
export function toPosition(row: {
  readonly sequence: number | null;
  readonly previous_run_id: string | null;
  readonly committed_at: string | null;
}): CommitPosition | null {
  if (row.sequence === null || row.committed_at === null) return null;
  return {
    sequence: row.sequence,
    previousRunId: row.previous_run_id,
    committedAt: new Date(row.committed_at),
  };
}
