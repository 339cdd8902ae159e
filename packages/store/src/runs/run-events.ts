import {
  type Actor,
  type Run,
  type RunFailure,
  type RunState,
  systemActor,
} from '@causeway/contract';
import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { recordEvent } from '../events/events.ts';

const typeOfEnd = {
  succeeded: 'run.succeeded',
  partial: 'run.partial',
  failed: 'run.failed',
  cancelled: 'run.cancelled',
} as const satisfies Partial<Record<RunState, string>>;

/** Tells who asked for a run. */
export async function tellRunCreated(trx: Db, run: Run, actor: Actor): Promise<void> {
  const { id: runId, deliveryId, recipients } = run;
  const after = { recipients: recipients.length };
  await recordEvent(trx, { type: 'run.created', actor, runId, deliveryId, after });
}

/** Tells who wants a run to end. */
export async function tellCancelRequested(
  trx: Db,
  runId: string,
  deliveryId: string,
  actor: Actor,
): Promise<void> {
  await recordEvent(trx, { type: 'run.cancel_requested', actor, runId, deliveryId });
}

/** Tells that a worker has taken a run up for the first time. */
export async function tellRunStarted(
  trx: Db,
  { runId, deliveryId }: { readonly runId: string; readonly deliveryId: string },
): Promise<void> {
  await recordEvent(trx, { type: 'run.started', actor: systemActor, runId, deliveryId });
}

/** Tells how a run ended, with the sums over its recipients; of no state that is no end. */
export async function tellRunEnded(trx: Db, runId: string, state: RunState): Promise<void> {
  const type = state in typeOfEnd ? typeOfEnd[state as keyof typeof typeOfEnd] : null;
  if (type === null) return;
  const { rows } = await sql<EndedRun>`
    select runs.delivery_id, count(*) as recipients,
      count(*) filter (where recipient.state = 'delivered') as delivered,
      count(*) filter (where recipient.state = 'unchanged') as unchanged,
      count(*) filter (where recipient.state = 'failed') as failed,
      count(*) filter (where recipient.state = 'cancelled') as cancelled,
      coalesce(sum(rows) filter (where recipient.state = 'delivered'), 0)::bigint as rows,
      coalesce(sum(bytes) filter (where recipient.state = 'delivered'), 0)::bigint as bytes,
      min(coalesce(failure ->> 'cause', failure ->> 'code')) as cause,
      (select jsonb_object_agg(told.cause, told.count) from (
        select coalesce(failure ->> 'cause', failure ->> 'code') as cause, count(*)
        from causeway.run_recipients where run_id = ${runId} and failure is not null
        group by 1 order by 2 desc, 1 limit ${mostCausesTold}
      ) as told) as causes
    from causeway.runs join causeway.run_recipients as recipient on recipient.run_id = runs.id
    where runs.id = ${runId} group by runs.delivery_id
  `.execute(trx);
  const [row] = rows;
  if (!row) return;
  const { delivery_id: deliveryId, cause, causes, ...sums } = row;
  const after = { ...sums, ...(causes && { causes }) };
  await recordEvent(trx, { type, actor: systemActor, runId, deliveryId, cause, after });
}

/** How many different causes the end of a run tells of, the most frequent first. */
const mostCausesTold = 20;

interface EndedRun {
  readonly delivery_id: string;
  readonly cause: string | null;
  /** How many failed of what. */
  readonly causes: Readonly<Record<string, number>> | null;
  readonly recipients: number;
  readonly delivered: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * So many failures of one run are told one by one: with ten thousand customers behind one
 * source that cannot be read, ten thousand messages to each webhook would say one thing. The
 * end of the run tells how many failed of what, and the run itself of each.
 */
const mostFailuresTold = 100;

/** Tells that one customer was not served, of what, and whose turn it is. */
export async function tellRecipientFailed(
  trx: Db,
  runId: string,
  customerId: string,
  { code, side, cause, message, hint }: RunFailure,
): Promise<void> {
  if (await isToldEnough(trx, runId)) return;
  const recipient = await trx
    .selectFrom('run_recipients')
    .select(['delivery_id', 'connection_id'])
    .where('run_id', '=', runId)
    .where('customer_id', '=', customerId)
    .executeTakeFirstOrThrow();
  await recordEvent(trx, {
    type: 'recipient.failed',
    actor: systemActor,
    runId,
    customerId,
    deliveryId: recipient.delivery_id,
    connectionId: recipient.connection_id,
    cause: cause ?? code,
    after: { code, side, message, fix: hint },
  });
}

/** Of failures in the same moment some more may be told. */
async function isToldEnough(trx: Db, runId: string): Promise<boolean> {
  const last = await trx
    .selectFrom('events')
    .select('id')
    .where('run_id', '=', runId)
    .where('type', '=', 'recipient.failed')
    .offset(mostFailuresTold - 1)
    .limit(1)
    .executeTakeFirst();
  return last !== undefined;
}
