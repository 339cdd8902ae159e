import { type Kysely, sql } from 'kysely';

/** Keys that receivers are to forget, by request, and how far each delivery to a customer has told them. */
const statements = [
  `create table causeway.forgotten_keys (
    dataset_id causeway.id not null references causeway.datasets,
    number integer not null,
    customer_id causeway.id references causeway.customers,
    keys integer not null,
    lines bytea not null,
    requested_at timestamptz not null,
    primary key (dataset_id, number)
  )`,
  `alter table causeway.run_recipients
    add column forgets_after integer not null default 0,
    add column forgets_to integer not null default 0`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
