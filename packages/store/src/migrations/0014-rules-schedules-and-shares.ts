import { type Kysely, sql } from 'kysely';

/**
 * To whom, when, and in whose turn.
 *
 * A delivery may go to customers by rule, so recipients refer to no list any more. What may
 * not be twice at once is not the run of a delivery but its work for one customer. Runs take turns by
 * share: `turn` of an older run says when it came, which is the order that there was.
 */
const statements = [
  `alter table causeway.deliveries
    add column customer_rule json,
    add column status text not null default 'active',
    add column schedule json,
    add column next_run_at timestamptz,
    add column schedule_taken_until timestamptz,
    add column seen_version text,
    add column last_trouble text`,
  `create index deliveries_next_run on causeway.deliveries (next_run_at)
    where next_run_at is not null`,
  'create index deliveries_dataset on causeway.deliveries (dataset_id)',

  `alter table causeway.run_recipients
    drop constraint run_recipients_delivery_id_customer_id_fkey,
    add foreign key (delivery_id) references causeway.deliveries,
    add foreign key (customer_id) references causeway.customers`,
  'drop index causeway.runs_unfinished',
  `create unique index run_recipients_unfinished
    on causeway.run_recipients (delivery_id, customer_id)
    where state in ('planned', 'preparing', 'prepared', 'committing')`,

  `alter table causeway.runs
    add column left_out text[] not null default '{}',
    add column share_key causeway.id,
    add column turn bigint`,
  `update causeway.runs set share_key = delivery_id, turn = place.turn
    from (select id, row_number() over (order by id) as turn from causeway.runs) as place
    where place.id = runs.id`,
  `alter table causeway.runs
    alter column share_key set not null,
    alter column turn set not null`,
  `create index runs_turn on causeway.runs (turn, id) where state in ('queued', 'running')`,
  'create index runs_share on causeway.runs (share_key, turn)',
  'create index runs_begun on causeway.runs (turn) where attempt > 0',
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
