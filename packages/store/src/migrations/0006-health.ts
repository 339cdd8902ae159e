import { type Kysely, sql } from 'kysely';

/**
 * When connections are checked by themselves. Those that are in use already get their
 * turn within a day, at times of their own: never all at once.
 */
const statements = [
  `alter table causeway.connections
    add column status_since timestamptz,
    add column next_check_at timestamptz,
    add column check_taken_until timestamptz`,
  `update causeway.connections set
    status_since = coalesce(last_checked_at, created_at),
    next_check_at = case when status not in ('draft', 'paused')
      then clock_timestamp() + random() * interval '1 day' end`,
  'alter table causeway.connections alter column status_since set not null',
  `create index connections_next_check on causeway.connections (next_check_at)
    where next_check_at is not null`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
