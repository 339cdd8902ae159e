import { type Kysely, sql } from 'kysely';

/**
 * What a delivery sends is one value, its terms, and a run keeps those that it was made
 * under: one that is changed while a run of it is under way changes the next run.
 */
const statements = [
  'alter table causeway.deliveries add column terms json',
  `update causeway.deliveries set terms = json_build_object(
    'mode', mode, 'format', format, 'compression', compression)`,
  `alter table causeway.deliveries
    alter column terms set not null, drop column mode, drop column format, drop column compression`,
  'alter table causeway.runs add column terms json',
  `update causeway.runs set terms = deliveries.terms
    from causeway.deliveries where deliveries.id = runs.delivery_id`,
  'alter table causeway.runs alter column terms set not null, drop column mode',
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
