import { type Kysely, sql } from 'kysely';

/**
 * What becomes of columns that a source gets later; and the columns that a run sends, which
 * all its manifests name, whatever becomes of its dataset meanwhile.
 */
const statements = [
  `alter table causeway.datasets
    add column schema_policy text not null default 'evolve'
      check (schema_policy in ('evolve', 'freeze'))`,
  'alter table causeway.runs add column columns json',
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
