import type { PostgresSource } from '@causeway/contract';
import type { FieldDef } from 'pg';
import { describeStatement } from './describe-statement.ts';
import { findTable, quotedTable, tableName } from './find-table.ts';
import { type PostgresColumn, postgresColumn } from './postgres-columns.ts';
import { postgresFailure, toPostgresFailure } from './postgres-failure.ts';
import type { PostgresSession } from './postgres-session.ts';

/** What a source reads, as its server has it at this moment. */
export interface PostgresRelation {
  /** Stands after FROM. */
  readonly from: string;
  readonly columns: readonly PostgresColumn[];
  readonly primaryKey: readonly string[];
  /** The full name of a table; null of a query. */
  readonly table: string | null;
}

/**
 * Finds out what columns a source has, from the catalogue alone: no row is read.
 *
 * A query is parsed by itself first. So it is one whole statement, and stays within the
 * parentheses that ours puts around it, whatever its text is.
 *
 * @throws CausewayError `postgres_not_readable`.
 */
export async function readCatalogue(
  session: PostgresSession,
  source: PostgresSource,
): Promise<PostgresRelation> {
  try {
    return await relationOf(session, source);
  } catch (error) {
    throw toPostgresFailure(source, error);
  }
}

async function relationOf(
  session: PostgresSession,
  source: PostgresSource,
): Promise<PostgresRelation> {
  const { table, query = '' } = source;
  const found = table === undefined ? null : await findTable(session, { ...source, table });
  const from = found ? quotedTable(found) : `(${query.replace(/[;\s]+$/, '')}\n)`;
  if (!found) await requireQuery(session, source, query);
  const fields = await fieldsOf(session, source, `SELECT * FROM ${from} AS source`);
  const columns = await columnsOf(session, source, fields, found?.oid ?? null);
  return {
    from: `${from} AS source`,
    columns,
    primaryKey: found ? await primaryKeyOf(session, found.oid) : [],
    table: found ? tableName(found) : null,
  };
}

async function requireQuery(
  session: PostgresSession,
  source: PostgresSource,
  query: string,
): Promise<void> {
  const { fields, parameters } = await describeStatement(session, query);
  const refuse = (reason: string) => {
    throw postgresFailure(source, 'query_not_usable', reason);
  };
  if (fields === null) refuse('its query gives no rows');
  if (parameters > 0) refuse('its query has parameters such as $1, which nobody gives values');
}

async function fieldsOf(
  session: PostgresSession,
  source: PostgresSource,
  statement: string,
): Promise<readonly FieldDef[]> {
  const { fields } = await describeStatement(session, statement);
  if (fields === null || fields.length === 0) {
    throw postgresFailure(source, 'column_not_carried', 'it has no columns');
  }
  const names = new Set<string>();
  for (const { name } of fields) {
    // The engine, as SQL has it, takes no notice of case.
    if (names.has(name.toLowerCase())) {
      const reason = `it has two columns "${name}", or such as differ only in letter case`;
      throw postgresFailure(source, 'column_not_carried', reason);
    }
    names.add(name.toLowerCase());
  }
  return fields;
}

async function columnsOf(
  { rows }: PostgresSession,
  source: PostgresSource,
  fields: readonly FieldDef[],
  tableOid: number | null,
): Promise<PostgresColumn[]> {
  const types = await rows(
    `SELECT oid::int8::text AS oid, typname AS name, typtype AS kind, typcategory AS category
     FROM pg_catalog.pg_type WHERE oid = ANY ($1::oid[])`,
    [fields.map(({ dataTypeID }) => dataTypeID)],
  );
  const notNull =
    tableOid === null
      ? []
      : await rows(
          'SELECT attname AS name FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND attnum > 0 AND attnotnull',
          [tableOid],
        );
  const typeOf = new Map(types.map((type) => [Number(type['oid']), type]));
  const full = new Set(notNull.map(({ name }) => name));
  return fields.map(({ name, dataTypeID, dataTypeModifier }) => {
    const type = typeOf.get(dataTypeID);
    const column = postgresColumn({
      name,
      type: String(type?.['name']),
      kind: String(type?.['kind']),
      category: String(type?.['category']),
      modifier: dataTypeModifier,
      nullable: !full.has(name),
    });
    if (column) return column;
    const reason = `its column "${name}" is of type "${String(type?.['name'])}", which no file has a form for`;
    throw postgresFailure(source, 'column_not_carried', reason);
  });
}

async function primaryKeyOf({ rows }: PostgresSession, oid: number): Promise<string[]> {
  const found = await rows(
    `SELECT a.attname AS name FROM pg_catalog.pg_index i
     CROSS JOIN LATERAL pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k (attnum, position)
     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
     WHERE i.indrelid = $1 AND i.indisprimary AND k.position <= i.indnkeyatts ORDER BY k.position`,
    [oid],
  );
  return found.map(({ name }) => String(name));
}
