import { sql } from 'kysely';
import type { Db } from './database.ts';
import { now, secondsFromNow } from './timestamps.ts';

/** How long a process may have what is to be retried in hand before another takes it for dead. */
const holdSeconds = 120;

/** Parts of one run that are to be done again. */
export interface DueRetry {
  readonly runId: string;
  readonly customerIds: readonly string[];
}

/** Who does again what failed, and when. */
export interface DueRetries {
  /**
   * Has connections checked that a retry waits for and that nobody has checked since the failure:
   * whether the customer has mended them is not known before.
   */
  askForChecks(): Promise<void>;
  /** Takes the parts of a run whose time has come; nobody else gets them for a while. */
  take(): Promise<DueRetry | null>;
  /** Ends a turn that made no run: another try in so many seconds, or none. */
  giveBack(retry: DueRetry, retryInSeconds: number | null): Promise<void>;
}

export function dueRetries(db: Db): DueRetries {
  return {
    async askForChecks() {
      await sql`
        update causeway.connections set next_check_at = clock_timestamp()
        where next_check_at > clock_timestamp() and status not in ('draft', 'paused')
          and exists (
            select from causeway.run_recipients as missed
            join causeway.deliveries on deliveries.id = missed.delivery_id
            where missed.retry_at <= clock_timestamp() and missed.retry_awaits = 'connection'
              and deliveries.status = 'active' and missed.connection_id = connections.id
              and connections.last_checked_at < missed.ended_at
          )
      `.execute(db);
    },
    async take() {
      const { rows } = await sql<{ run_id: string; customer_id: string }>`
        with due as (
          select missed.run_id, missed.customer_id
          from causeway.run_recipients as missed
          where (missed.run_id) = (${firstDueRun})
            and ${isDue}
          for update skip locked
        )
        update causeway.run_recipients as missed set retry_at = ${secondsFromNow(holdSeconds)}
        from due
        where missed.run_id = due.run_id and missed.customer_id = due.customer_id
        returning missed.run_id, missed.customer_id
      `.execute(db);
      const [first] = rows;
      if (!first) return null;
      return { runId: first.run_id, customerIds: rows.map(({ customer_id }) => customer_id) };
    },
    async giveBack({ runId, customerIds }, retryInSeconds) {
      await db
        .updateTable('run_recipients')
        .set({ retry_at: retryInSeconds === null ? null : secondsFromNow(retryInSeconds) })
        .where('run_id', '=', runId)
        .where(sql<boolean>`customer_id = any(${customerIds}::text[])`)
        .where('retry_at', 'is not', null)
        .execute();
    },
  };
}

/** What failed of a run, or of all runs of a delivery, is not done again by itself any more. */
export async function endRetries(
  trx: Db,
  of: { readonly run_id: string } | { readonly delivery_id: string },
): Promise<void> {
  await trx
    .updateTable('run_recipients')
    .set({ retry_at: null })
    .where((eb) => eb.and(of))
    .where('retry_at', 'is not', null)
    .execute();
}

/** What is the customer's to mend is due once a connection was found healthy after the failure. */
const isDue = sql<boolean>`
  missed.retry_at <= ${now} and missed.state = 'failed'
  and (missed.retry_awaits = 'time' or exists (
    select from causeway.connections
    where connections.customer_id = missed.customer_id and 'deliver' = any(capabilities)
      and status = 'active' and last_checked_at > missed.ended_at
  ))
`;

const firstDueRun = sql`
  select missed.run_id from causeway.run_recipients as missed
  join causeway.deliveries on deliveries.id = missed.delivery_id
  where ${isDue} and deliveries.status = 'active'
  order by missed.retry_at limit 1
`;
