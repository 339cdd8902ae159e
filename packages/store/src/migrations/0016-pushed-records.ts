import { type Kysely, sql } from 'kysely';

/** Records that were pushed, by request, and where each dataset stands. See `pushed-records.ts`. */
const statements = [
  `create table causeway.push_heads (
    dataset_id causeway.id primary key references causeway.datasets,
    next_position bigint not null,
    last_received_at timestamptz,
    next_received_at timestamptz not null
  )`,
  `create table causeway.push_batches (
    dataset_id causeway.id not null references causeway.push_heads,
    received_at timestamptz not null,
    position bigint not null,
    records integer not null,
    bytes integer not null,
    api_key_id causeway.id,
    idempotency_key text,
    body_hash text not null,
    lines bytea not null,
    primary key (dataset_id, received_at)
  )`,
  // Compressing costs more than it saves: requests are small, and wait for it.
  'alter table causeway.push_batches alter column lines set storage external',
  `create unique index push_batches_key
    on causeway.push_batches (dataset_id, api_key_id, idempotency_key)
    where idempotency_key is not null`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
