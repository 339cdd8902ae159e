import { type Kysely, sql } from 'kysely';

/** When each phase of a customer's part of a run began. Of earlier runs nobody has written it down. */
const statement = `alter table causeway.run_recipients
  add column preparing_at timestamptz,
  add column prepared_at timestamptz,
  add column ended_at timestamptz`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statement).execute(db);
}
