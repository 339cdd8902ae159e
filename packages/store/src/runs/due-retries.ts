import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { now, secondsFromNow } from '../timestamps.ts';

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
  /** Ends a turn: what it left, as it made no run for all, is tried when `next` says. */
  giveBack(retry: DueRetry, next: NextTry): Promise<void>;
}

/**
 * - `soon`: another run is at work for them.
 * - `later`: no run could be made, as of a source that cannot be read: after half as long again as
 *   it has failed, up to an hour. Given up in the end, unless it waits for the customer.
 * - `never`: there is nothing to do any more.
 */
export type NextTry = 'soon' | 'later' | 'never';

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
    async giveBack({ runId, customerIds }, next) {
      await db
        .updateTable('run_recipients')
        .set({ retry_at: timeOf[next] })
        .where('run_id', '=', runId)
        .where(sql<boolean>`customer_id = any(${customerIds}::text[])`)
        .where('retry_at', 'is not', null)
        .execute();
    },
  };
}

const timeOf = {
  soon: secondsFromNow(60),
  later: sql<string | null>`
    case when retry_awaits = 'connection' or ended_at > clock_timestamp() - interval '8 hours'
      then clock_timestamp() + least(interval '1 hour',
        greatest(interval '1 minute', (clock_timestamp() - ended_at) / 2))
    end
  `,
  never: null,
} as const;

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
