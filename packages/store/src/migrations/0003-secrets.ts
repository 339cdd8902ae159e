import { type Kysely, sql } from 'kysely';

/**
 * Secrets as ciphertext only. Those without a connection are the operator's own. The
 * columns of the binding are part of what is authenticated: a row that was copied
 * over another does not open.
 */
const statements = [
  `create table causeway.secrets (
    version causeway.id primary key,
    customer_id causeway.id references causeway.customers,
    connection_id causeway.id references causeway.connections on delete cascade,
    field text not null,
    key_id text not null,
    wrapped_key bytea not null,
    nonce bytea not null,
    ciphertext bytea not null,
    created_at timestamptz not null,
    unique nulls not distinct (connection_id, field)
  )`,
  `create index secrets_key on causeway.secrets (key_id, version)`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
