import { type Kysely, sql } from 'kysely';

/** Deliveries that delete what they have replaced, and connections that let them. */
const statements = [
  'alter table causeway.connections add column overwrites boolean not null default false',
  'alter table causeway.uploads add column removed_at timestamptz',
  'alter table causeway.run_recipients add column warning json',
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
