import { type Kysely, sql } from 'kysely';

/** Rows that were deleted at their source are told of in files of their own. */
const statements = [
  'alter table causeway.datasets add column deleted_column text',
  `alter table causeway.uploads add column kind text not null default 'data'
    check (kind in ('data', 'tombstones'))`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
