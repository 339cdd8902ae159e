import type { CommitPosition, Lease, RecipientChange, RunJournal } from '@causeway/delivery';
import { sql } from 'kysely';
import { type Db, inTransaction } from '../database.ts';
import { tellRecipientFailed } from '../runs/run-events.ts';
import { jitteredFromNow } from '../timestamps.ts';
import { fencedStatement, itemRows } from './fenced.ts';
import { type FencedWrite, fencedInGroups } from './fenced-groups.ts';

type RecipientJournal = Pick<RunJournal, 'updateRecipient' | 'beginCommit' | 'recordManifest'>;

/** The part of the journal that is about where recipients stand. */
export function recipientJournal(db: Db): RecipientJournal {
  const update = fencedInGroups(db, updates);
  const begin = fencedInGroups(db, beginnings);
  const record = fencedInGroups(db, manifests);
  return {
    async updateRecipient(lease, customerId, change) {
      if (change.state === 'failed') await fail(db, lease, { customerId, change });
      else await update(lease, { customerId, change });
    },
    beginCommit: (lease, customerId, now) => begin(lease, { customerId, now }),
    async recordManifest(lease, customerId, { key, body }) {
      await record(lease, { customerId, key, body });
    },
  };
}

interface OfRecipient {
  readonly customerId: string;
}

const byCustomer = (rows: readonly { readonly customer_id: string }[]) =>
  new Map(rows.map(({ customer_id }) => [customer_id, true as const]));

const missing = ({ customerId }: OfRecipient, { runId }: Lease) =>
  new Error(`Cannot find recipient "${customerId}" of "${runId}"`);

const keyOf = ({ customerId }: OfRecipient) => customerId;

interface Update extends OfRecipient {
  readonly change: RecipientChange;
}

const updates: FencedWrite<Update, true> = {
  keyOf,
  missing,
  async write(db, lease, items) {
    const rows = items.map(({ customerId, change }) => rowOf(customerId, change));
    const changed = await fencedStatement<{ customer_id: string }>(
      db,
      lease,
      sql`
        written as (
          update causeway.run_recipients as recipient set
            state = coalesce(item.state, recipient.state),
            preparing_at = case when item.state = 'preparing' then clock_timestamp()
              else preparing_at end,
            prepared_at = case when item.state = 'preparing' then null
              when item.state = 'prepared' then clock_timestamp() else prepared_at end,
            ended_at = case when item.state in ('delivered', 'unchanged', 'failed', 'cancelled')
              then clock_timestamp() else ended_at end,
            attempts = attempts + case when item.state = 'preparing' then 1 else 0 end,
            rows = coalesce(item.rows, recipient.rows),
            bytes = coalesce(item.bytes, recipient.bytes),
            files = coalesce(item.files, recipient.files),
            delivered_by_run_id = coalesce(item.delivered_by_run_id, recipient.delivered_by_run_id),
            failure = coalesce(item.failure::json, recipient.failure),
            warning = coalesce(item.warning::json, recipient.warning),
            retry_at = coalesce(${jitteredFromNow(sql`item.retry_after`)}, retry_at),
            retry_awaits = coalesce(item.retry_awaits, recipient.retry_awaits),
            s3_requests = s3_requests + coalesce(item.s3, 0),
            sts_requests = sts_requests + coalesce(item.sts, 0),
            request_retries = request_retries + coalesce(item.retries, 0),
            -- Its manifest was never written, so the number goes to the next run.
            sequence = case when item.state = 'failed' then null else sequence end,
            previous_run_id = case when item.state = 'failed' then null else previous_run_id end,
            committed_at = case when item.state = 'failed' then null else committed_at end
          from held, ${itemRows(rows, rowColumns)}
          where recipient.run_id = held.id and recipient.customer_id = item.customer_id
          returning recipient.customer_id
        )
      `,
    );
    return byCustomer(changed);
  },
};

const rowColumns = `customer_id causeway.id, state text, rows bigint, bytes bigint, files integer,
  delivered_by_run_id causeway.id, failure text, warning text, retry_after double precision,
  retry_awaits text, s3 bigint, sts bigint, retries bigint`;

function rowOf(customer_id: string, change: RecipientChange) {
  const { state, rows, bytes, files, deliveredByRunId, failure, warning, retry, requests } = change;
  return {
    customer_id,
    state,
    rows,
    bytes,
    files,
    delivered_by_run_id: deliveredByRunId,
    failure: failure && JSON.stringify(failure),
    warning: warning && JSON.stringify(warning),
    retry_after: retry?.afterSeconds,
    retry_awaits: retry?.awaits,
    ...requests,
  };
}

/** In one transaction with the event that tells of it. */
function fail(db: Db, lease: Lease, update: Update): Promise<void> {
  const { customerId, change } = update;
  return inTransaction(db, async (trx) => {
    const changed = await updates.write(trx, lease, [update]);
    if (!changed.has(customerId)) throw missing(update, lease);
    if (change.failure) await tellRecipientFailed(trx, lease.runId, customerId, change.failure);
  });
}

interface Beginning extends OfRecipient {
  readonly now: Date;
}

/**
 * Numbers are given one after the other: of one delivery and customer only one recipient is
 * unfinished at a time. A unique index holds this.
 */
const beginnings: FencedWrite<Beginning, CommitPosition> = {
  keyOf,
  missing,
  async write(db, lease, items) {
    const rows = items.map(({ customerId, now }) => ({ customer_id: customerId, begun_at: now }));
    const begun = await fencedStatement<BegunRow>(
      db,
      lease,
      sql`
        found as (
          select recipient.*, item.begun_at
          from held join causeway.run_recipients as recipient on recipient.run_id = held.id
          join ${itemRows(rows, 'customer_id causeway.id, begun_at timestamptz')}
            on item.customer_id = recipient.customer_id
        ),
        next as (
          select found.run_id, found.customer_id, found.begun_at,
            coalesce(last.sequence, 0) + 1 as sequence, last.run_id as previous_run_id
          from found left join lateral (
            select earlier.run_id, earlier.sequence from causeway.run_recipients as earlier
            where earlier.delivery_id = found.delivery_id
              and earlier.customer_id = found.customer_id and earlier.sequence is not null
            order by earlier.sequence desc limit 1
          ) as last on true
          where found.sequence is null
        ),
        begun as (
          update causeway.run_recipients as recipient set state = 'committing',
            sequence = next.sequence, previous_run_id = next.previous_run_id,
            committed_at = next.begun_at
          from next
          where recipient.run_id = next.run_id and recipient.customer_id = next.customer_id
          returning recipient.customer_id, recipient.sequence, recipient.previous_run_id,
            recipient.committed_at
        ),
        written as (
          select * from begun union all
          select customer_id, sequence, previous_run_id, committed_at from found
          where sequence is not null
        )
      `,
    );
    return new Map(
      begun.map(({ customer_id, sequence, previous_run_id, committed_at }) => [
        customer_id,
        { sequence, previousRunId: previous_run_id, committedAt: new Date(committed_at) },
      ]),
    );
  },
};

interface BegunRow {
  readonly customer_id: string;
  readonly sequence: number;
  readonly previous_run_id: string | null;
  readonly committed_at: string;
}

interface Recorded extends OfRecipient {
  readonly key: string;
  readonly body: string;
}

const manifests: FencedWrite<Recorded, true> = {
  keyOf,
  missing: ({ customerId, key }) =>
    new Error(`Cannot record the manifest "${key}": there is another for "${customerId}"`),
  async write(db, lease, items) {
    const rows = items.map(({ customerId, key, body }) => ({ customer_id: customerId, key, body }));
    const changed = await fencedStatement<{ customer_id: string }>(
      db,
      lease,
      sql`
        written as (
          update causeway.run_recipients as recipient
          set manifest_key = item.key, manifest_body = item.body
          from held, ${itemRows(rows, 'customer_id causeway.id, key text, body text')}
          where recipient.run_id = held.id and recipient.customer_id = item.customer_id
            and coalesce(recipient.manifest_body = item.body, true)
          returning recipient.customer_id
        )
      `,
    );
    return byCustomer(changed);
  },
};
