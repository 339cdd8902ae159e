import { type Kysely, sql } from 'kysely';

/** The keys that sign tokens: public halves; the private ones are among the secrets. */
const statements = [
  `create table causeway.issuer_keys (
    id text primary key,
    public_key json not null,
    created_at timestamptz not null,
    signs_from timestamptz not null
  )`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
