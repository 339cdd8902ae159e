import { type Kysely, sql } from 'kysely';

/**
 * Connections by every access method. What only one method has is in `details`; what
 * is looked for across connections stays in columns. An account that was connected
 * before came by the API key, and so is confirmed.
 */
const statements = [
  `alter table causeway.connections
    add column name text,
    add column is_default boolean not null default false,
    add column owner text not null default 'customer',
    add column account_confirmed boolean not null default true,
    add column details json not null default '{}',
    alter column bucket drop not null,
    alter column account_id drop not null,
    alter column external_id drop not null,
    alter column role_arn drop not null`,
  `alter table causeway.connections
    alter column owner drop default, alter column details drop default,
    alter column is_default drop default, alter column account_confirmed drop default`,
  `update causeway.connections set details = json_build_object('roleName', role_name)`,
  `alter table causeway.connections drop column role_name`,
  // The first of each customer was the one that flows used.
  `update causeway.connections set is_default = true
    where id in (select min(id) from causeway.connections group by customer_id)`,
  `create unique index connections_default on causeway.connections (customer_id) where is_default`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
