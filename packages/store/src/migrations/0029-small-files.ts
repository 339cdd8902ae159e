import { type Kysely, sql } from 'kysely';

/**
 * Small files with their bytes until they are sent; what most of them hold is compressed already.
 * And runs that wait before a worker takes them up again.
 */
const statements = [
  'alter table causeway.uploads add column body bytea',
  'alter table causeway.uploads alter column body set storage external',
  'alter table causeway.runs add column resume_at timestamptz',
  `create index run_recipients_given_up on causeway.run_recipients (delivery_id, customer_id)
    where state in ('failed', 'cancelled')`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
