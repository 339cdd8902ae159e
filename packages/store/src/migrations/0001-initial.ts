import { type Kysely, sql } from 'kysely';

/**
 * Ids are compared bytewise (`collate "C"`), so that they sort by time whatever
 * the database's own order of letters is.
 */
const statements = [
  `create domain causeway.id as text collate "C"`,

  `create table causeway.api_keys (
    id causeway.id primary key,
    name text not null,
    prefix text not null,
    last_four text not null,
    key_hash bytea not null unique,
    created_at timestamptz not null
  )`,

  `create table causeway.customers (
    id causeway.id primary key,
    name text not null,
    reference text not null unique,
    properties json not null,
    created_at timestamptz not null
  )`,

  `create table causeway.connections (
    id causeway.id primary key,
    customer_id causeway.id not null references causeway.customers,
    access text not null,
    capabilities text[] not null,
    bucket text not null,
    prefix text not null,
    region text,
    account_id text not null,
    external_id text not null unique,
    role_name text not null,
    role_arn text not null,
    status text not null,
    last_check json,
    last_checked_at timestamptz,
    created_at timestamptz not null
  )`,
  `create index connections_bucket on causeway.connections (bucket)`,
  `create index connections_role on causeway.connections (role_arn)`,
  `create index connections_customer on causeway.connections (customer_id, id)`,

  `create table causeway.datasets (
    id causeway.id primary key,
    name text not null unique,
    source json not null,
    customer_column text,
    cursor_column text,
    primary_key text[] not null,
    columns json not null,
    created_at timestamptz not null
  )`,

  `create table causeway.deliveries (
    id causeway.id primary key,
    name text not null,
    dataset_id causeway.id not null references causeway.datasets,
    mode text not null,
    format text not null,
    compression text not null,
    created_at timestamptz not null
  )`,
  `create table causeway.delivery_customers (
    delivery_id causeway.id not null references causeway.deliveries,
    customer_id causeway.id not null references causeway.customers,
    position integer not null,
    primary key (delivery_id, customer_id)
  )`,

  `create table causeway.runs (
    id causeway.id primary key,
    delivery_id causeway.id not null references causeway.deliveries,
    state text not null check (state in ('queued', 'running', 'succeeded', 'partial', 'failed')),
    mode text not null,
    attempt integer not null default 0,
    lease_owner text,
    lease_renewed_at timestamptz,
    created_at timestamptz not null,
    started_at timestamptz,
    completed_at timestamptz
  )`,
  `create unique index runs_unfinished on causeway.runs (delivery_id)
    where state in ('queued', 'running')`,
  `create index runs_delivery on causeway.runs (delivery_id, id)`,

  `create table causeway.run_recipients (
    run_id causeway.id not null references causeway.runs,
    customer_id causeway.id not null,
    delivery_id causeway.id not null,
    position integer not null,
    connection_id causeway.id references causeway.connections,
    state text not null check (state in ('planned', 'preparing', 'prepared', 'committing',
      'delivered', 'unchanged', 'failed')),
    window_from timestamptz,
    window_to timestamptz not null,
    rows bigint not null default 0,
    bytes bigint not null default 0,
    files integer not null default 0,
    sequence integer,
    previous_run_id causeway.id,
    committed_at timestamptz,
    manifest_key text,
    manifest_body text,
    delivered_by_run_id causeway.id,
    failure json,
    primary key (run_id, customer_id),
    foreign key (delivery_id, customer_id) references causeway.delivery_customers
  )`,
  `create unique index run_recipients_sequence
    on causeway.run_recipients (delivery_id, customer_id, sequence)`,
  `create index run_recipients_delivered
    on causeway.run_recipients (delivery_id, customer_id, window_to) where state = 'delivered'`,

  `create table causeway.uploads (
    run_id causeway.id not null,
    upload_id text not null,
    customer_id causeway.id not null,
    file_index integer not null,
    key text not null,
    token text not null,
    state text not null check (state in ('open', 'sealed', 'completed')),
    uploaded_bytes bigint not null default 0,
    rows bigint,
    bytes bigint,
    sha256 text,
    etag text,
    primary key (run_id, upload_id),
    foreign key (run_id, customer_id) references causeway.run_recipients
  )`,
  `create index uploads_recipient on causeway.uploads (run_id, customer_id)`,
  `create table causeway.upload_parts (
    run_id causeway.id not null,
    upload_id text not null,
    part_number integer not null,
    etag text not null,
    bytes bigint not null,
    crc32 text not null,
    primary key (run_id, upload_id, part_number),
    foreign key (run_id, upload_id) references causeway.uploads on delete cascade
  )`,

  `create table causeway.idempotency_keys (
    api_key_id causeway.id not null,
    key text not null,
    body_hash text not null,
    response json,
    created_at timestamptz not null,
    primary key (api_key_id, key)
  )`,
  `create index idempotency_keys_age on causeway.idempotency_keys (created_at)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
