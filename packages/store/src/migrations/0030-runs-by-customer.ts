import { type Kysely, sql } from 'kysely';

/** Runs of a customer, and runs in a state, newest first: of many runs few are listed. */
const statements = [
  'create index run_recipients_customer on causeway.run_recipients (customer_id, run_id)',
  'create index runs_state on causeway.runs (state, id)',
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
