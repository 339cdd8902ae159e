import { type Kysely, sql } from 'kysely';

/**
 * Runs may be cancelled, and what failed of one may be done again by another, by itself when
 * `retry_at` has come: at that time, or once a connection of the customer was found healthy
 * after the failure.
 */
const statements = [
  `alter table causeway.runs
    drop constraint runs_state_check,
    add constraint runs_state_check check (state in ('queued', 'running', 'succeeded', 'partial',
      'failed', 'cancelled')),
    add column cancel_requested_at timestamptz,
    add column cancel_requested_by json,
    add constraint runs_cancel_request_check
      check ((cancel_requested_at is null) = (cancel_requested_by is null)),
    add column retry_of causeway.id references causeway.runs,
    add column retries integer not null default 0`,
  `alter table causeway.run_recipients
    drop constraint run_recipients_state_check,
    add constraint run_recipients_state_check check (state in ('planned', 'preparing', 'prepared',
      'committing', 'delivered', 'unchanged', 'failed', 'cancelled')),
    add column retry_at timestamptz,
    add column retry_awaits text check (retry_awaits in ('time', 'connection'))`,
  `create index run_recipients_retry on causeway.run_recipients (retry_at)
    where retry_at is not null`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
