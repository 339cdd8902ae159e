import { type Kysely, sql } from 'kysely';

/**
 * Webhooks, and what is on its way to each: a message stands in the outbox from the transaction
 * that wrote its event. Events may be about datasets, deliveries, runs and webhooks too.
 */
const statements = [
  `alter table causeway.events
    add column dataset_id text,
    add column delivery_id text,
    add column run_id text,
    add column webhook_id text`,
  `create index events_delivery on causeway.events (delivery_id, position)
    where delivery_id is not null`,
  `create index events_run on causeway.events (run_id, position) where run_id is not null`,

  `create table causeway.webhooks (
    id causeway.id primary key,
    url text not null,
    description text not null,
    event_types text[],
    status text not null check (status in ('enabled', 'disabled')),
    disabled_because text,
    secret_number integer not null,
    previous_secret_until timestamptz,
    created_at timestamptz not null
  )`,
  `create table causeway.webhook_messages (
    webhook_id causeway.id not null references causeway.webhooks on delete cascade,
    event_id causeway.id not null,
    state text not null check (state in ('pending', 'delivered', 'failed')),
    attempts integer not null default 0,
    tries integer not null default 0,
    next_attempt_at timestamptz,
    taken_until timestamptz,
    created_at timestamptz not null,
    primary key (webhook_id, event_id),
    check ((state = 'pending') = (next_attempt_at is not null))
  )`,
  `create index webhook_messages_due on causeway.webhook_messages (webhook_id, next_attempt_at)
    where state = 'pending'`,
  `create index webhook_messages_age on causeway.webhook_messages (created_at)
    where state <> 'pending'`,
  `create table causeway.webhook_attempts (
    webhook_id causeway.id not null,
    event_id causeway.id not null,
    number integer not null,
    at timestamptz not null,
    duration_ms integer not null,
    status integer,
    error text,
    body_start text,
    primary key (webhook_id, event_id, number),
    foreign key (webhook_id, event_id) references causeway.webhook_messages on delete cascade
  )`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
