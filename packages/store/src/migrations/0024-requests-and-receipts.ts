import { type Kysely, sql } from 'kysely';

/**
 * What a customer's part of a run has asked of AWS, and what the customer has said of it.
 * Of earlier runs no requests were counted.
 */
const statements = [
  `alter table causeway.run_recipients
    add column attempts integer not null default 0,
    add column s3_requests bigint not null default 0,
    add column sts_requests bigint not null default 0,
    add column request_retries bigint not null default 0,
    add column receipt jsonb,
    add column receipt_looked_at timestamptz`,
  // What a look for receipts asks for: deliveries of a connection, the newest first.
  `create index run_recipients_receipts on causeway.run_recipients (connection_id, run_id)
    where state = 'delivered' and (receipt is null or receipt ->> 'state' in ('not_valid', 'not_readable'))`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
