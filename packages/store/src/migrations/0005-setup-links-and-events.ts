import { type Kysely, sql } from 'kysely';

/**
 * Setup links with their sessions, of which only hashes are kept, and the events.
 * Events refer to nothing: they outlive what they tell of, and are only ever added.
 */
const statements = [
  `create table causeway.setup_links (
    id causeway.id primary key,
    connection_id causeway.id not null references causeway.connections on delete cascade,
    token_hash bytea not null unique,
    expected_account_id text,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    opened_at timestamptz,
    revoked_at timestamptz
  )`,
  `create index setup_links_connection on causeway.setup_links (connection_id, id)`,

  `create table causeway.connect_sessions (
    token_hash bytea primary key,
    setup_link_id causeway.id not null references causeway.setup_links on delete cascade,
    expires_at timestamptz not null
  )`,
  `create index connect_sessions_expiry on causeway.connect_sessions (expires_at)`,

  // Several of one transaction have the same time: the position keeps their order.
  `create table causeway.events (
    id causeway.id primary key,
    position bigint not null unique generated always as identity,
    type text not null,
    at timestamptz not null,
    actor_type text not null,
    actor_id text,
    customer_id text,
    connection_id text,
    setup_link_id text,
    cause text,
    before json,
    after json
  )`,
  `create index events_type on causeway.events (type, position)`,
  `create index events_customer on causeway.events (customer_id, position)`,
  `create index events_connection on causeway.events (connection_id, position)`,
  `create index events_setup_link on causeway.events (setup_link_id, position)`,
  `create function causeway.refuse_change() returns trigger language plpgsql as $$
    begin raise exception '% is only ever added to', tg_table_name; end
  $$`,
  `create trigger events_only_grow before update or delete or truncate on causeway.events
    for each statement execute function causeway.refuse_change()`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
