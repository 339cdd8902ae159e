import { type Kysely, sql } from 'kysely';

/**
 * Fingerprints of rows that runs have sent, for the next to leave them out; and windows that
 * were asked for out of turn, which move a delivery neither on nor back.
 */
const statements = [
  'alter table causeway.run_recipients add column is_backfill boolean not null default false',
  `create table causeway.sent_rows (
    run_id causeway.id not null,
    customer_id causeway.id not null,
    number integer generated always as identity,
    fingerprints bytea not null,
    primary key (run_id, customer_id, number),
    foreign key (run_id, customer_id) references causeway.run_recipients
  )`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
