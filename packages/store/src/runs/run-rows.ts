import { fractionDone, type Run, type RunRecipient } from '@causeway/contract';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from '../database.ts';

/** Reads runs with their recipients, newest first. */
export async function readRuns(db: Db, ids: readonly string[]): Promise<Run[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('runs')
    .selectAll()
    .where('id', 'in', ids)
    .orderBy('id', 'desc')
    .execute();
  const recipients = await readRecipients(db, ids);
  return rows.map((row) => ({
    id: row.id,
    deliveryId: row.delivery_id,
    state: row.state,
    mode: row.terms.mode,
    attempt: row.attempt,
    resumeAt: row.resume_at,
    fractionDone: fractionDone({ state: row.state, recipients: recipients.get(row.id) ?? [] }),
    recipients: recipients.get(row.id) ?? [],
    leftOut: row.left_out,
    retryOf: row.retry_of,
    cancelRequest:
      row.cancel_requested_at === null || row.cancel_requested_by === null
        ? null
        : { at: row.cancel_requested_at, by: row.cancel_requested_by },
    createdAt: row.created_at,
    startedAt: row.started_at,
    completedAt: row.completed_at,
  }));
}

async function readRecipients(
  db: Db,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, RunRecipient[]>> {
  const rows = await db
    .selectFrom('run_recipients as recipient')
    .selectAll('recipient')
    .select(
      sql<number>`case when state = 'preparing' then (
        select coalesce(sum(uploaded_bytes), 0)::bigint from causeway.uploads
        where uploads.run_id = recipient.run_id and uploads.customer_id = recipient.customer_id
      ) else bytes end`.as('bytes_so_far'),
    )
    .where('run_id', 'in', runIds)
    .orderBy('position')
    .execute();
  const byRun = new Map<string, RunRecipient[]>();
  for (const row of rows) {
    const list = byRun.get(row.run_id);
    if (list) list.push(toRecipient(row));
    else byRun.set(row.run_id, [toRecipient(row)]);
  }
  return byRun;
}

function toRecipient(
  row: Selectable<Database['run_recipients']> & { bytes_so_far: number },
): RunRecipient {
  return {
    customerId: row.customer_id,
    connectionId: row.connection_id,
    state: row.state,
    window: { from: row.window_from, to: row.window_to },
    rows: row.rows,
    bytes: row.bytes_so_far,
    files: row.files,
    sequence: row.sequence,
    // It is journaled before it is written.
    manifestKey: row.state === 'delivered' ? row.manifest_key : null,
    deliveredByRunId: row.delivered_by_run_id,
    phases: {
      preparingAt: row.preparing_at,
      preparedAt: row.prepared_at,
      committingAt: row.committed_at,
      endedAt: row.ended_at,
    },
    attempts: row.attempts,
    requests: { s3: row.s3_requests, sts: row.sts_requests, retries: row.request_retries },
    receipt: row.receipt,
    failure: row.failure && { ...row.failure, cause: row.failure.cause ?? null },
    warning: row.warning,
    retry:
      row.retry_at === null || row.retry_awaits === null
        ? null
        : { at: row.retry_at, awaits: row.retry_awaits },
  };
}
