import { type Kysely, sql } from 'kysely';

/** A chain of hashes over the events, see `event-chain.ts`. It is only ever added to, as they are. */
const statements = [
  `create table causeway.event_links (
    number bigint primary key check (number > 0),
    event_id causeway.id not null unique,
    hash bytea not null
  )`,
  `create trigger event_links_only_grow before update or delete or truncate on causeway.event_links
    for each statement execute function causeway.refuse_change()`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
