import type { PostgresSource } from '@causeway/contract';
import { editDistance } from '../../edit-distance.ts';
import { postgresFailure } from './postgres-failure.ts';
import type { PostgresSession } from './postgres-session.ts';
import { quoteName } from './quote.ts';

/** A table or view of the server. */
export interface PostgresTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
}

/** The name as it stands in SQL. */
export function quotedTable({ schema, name }: PostgresTable): string {
  return `${quoteName(schema)}.${quoteName(name)}`;
}

/** The name as a source has it. */
export function tableName({ schema, name }: PostgresTable): string {
  const part = (text: string) => (/[."]/.test(text) ? quoteName(text) : text);
  return `${part(schema)}.${part(name)}`;
}

/** Tables, partitioned and foreign ones, views, materialized views. */
const relationKinds = ['r', 'p', 'f', 'v', 'm'];

/**
 * Looks a table up by its exact name; without a schema, by the role's search path.
 *
 * @throws CausewayError `postgres_not_readable`, which offers names that are near.
 */
export async function findTable(
  { rows }: Pick<PostgresSession, 'rows'>,
  source: PostgresSource & { readonly table: string },
): Promise<PostgresTable> {
  const parts = partsOf(source.table);
  const [schema, name] = parts.length === 2 ? parts : [null, parts[0]];
  if (parts.length > 2 || name === undefined || name === '') {
    throw postgresFailure(
      source,
      'table_missing',
      'its table must be named schema.table; a name that has a dot itself within double quotes',
    );
  }
  const [found] = await rows(
    `SELECT c.oid::int8::text AS oid, n.nspname AS schema, c.relname AS name
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = $1 AND c.relkind = ANY ($3::"char"[])
       AND CASE WHEN $2::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END`,
    [name, schema, relationKinds],
  );
  if (found) return toTable(found);
  const near = await nearNames(rows, schema ?? null, name);
  const offer = near.length === 0 ? '' : `; near to it are ${near.map((n) => `"${n}"`).join(', ')}`;
  throw postgresFailure(
    source,
    'table_missing',
    `there is no table or view "${source.table}" that the role can see${offer}`,
  );
}

/** Names are taken as they are; within double quotes they may have dots. */
function partsOf(table: string): string[] {
  const parts = table.match(/"(?:[^"]|"")*"|[^."]+|(?<=\.)(?=\.|$)/g) ?? [];
  if (parts.join('.') !== table) return ['', '', ''];
  return parts.map((part) =>
    part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part,
  );
}

/** How many characters of a name may be others for it to be offered, and how many are. */
const nearDistance = 3;
const mostNear = 3;

async function nearNames(
  rows: PostgresSession['rows'],
  schema: string | null,
  name: string,
): Promise<string[]> {
  const all = await rows(
    `SELECT c.oid::int8::text AS oid, n.nspname AS schema, c.relname AS name
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = ANY ($1::"char"[]) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
     ORDER BY n.nspname, c.relname LIMIT 10000`,
    [relationKinds],
  );
  const farness = (table: PostgresTable) =>
    editDistance(name.toLowerCase(), table.name.toLowerCase()) +
    (schema === null || schema === table.schema ? 0 : 1);
  return all
    .map(toTable)
    .filter((table) => farness(table) <= nearDistance)
    .toSorted((a, b) => farness(a) - farness(b))
    .slice(0, mostNear)
    .map(tableName);
}

function toTable(row: Record<string, unknown>): PostgresTable {
  return { oid: Number(row['oid']), schema: String(row['schema']), name: String(row['name']) };
}
