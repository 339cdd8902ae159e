import type { Column } from '@causeway/contract';
import { quoteName } from './quote.ts';

/** A column of a table or query, as the catalogue of PostgreSQL tells it. */
export interface CataloguedColumn {
  readonly name: string;
  /** Of the base type, where the column is of a domain. */
  readonly type: string;
  /** `b` base, `c` composite, `e` enum, `m` multirange, `p` pseudo, `r` range. */
  readonly kind: string;
  /** `A` for arrays. */
  readonly category: string;
  /** What the type was declared with, as numeric(10,2); -1 for nothing. */
  readonly modifier: number;
  readonly nullable: boolean;
}

/** A column as it is read: its type here, and what is selected so that the text has this type. */
export interface PostgresColumn extends Column {
  /** Of the column's own quoted name. */
  readonly expression: string;
  /** Whether the engine, having read its text, writes just that text as CSV. */
  readonly isSameInCsv: boolean;
  readonly postgresType: string;
}

interface Carried {
  readonly type: string;
  readonly expression?: (column: string) => string;
  /** Default true. */
  readonly isSameInCsv?: boolean;
}

const text: Carried = { type: 'VARCHAR' };
/** Text by the type's own writing, as `COPY` writes it anyway. */
const json: Carried = { type: 'JSON', expression: (column) => `pg_catalog.to_json(${column})` };

/** Of types that are not here and have no form of their own: their text. */
const carriedTypes: Readonly<Record<string, Carried>> = {
  bool: { type: 'BOOLEAN', expression: (column) => `${column}::pg_catalog.text` },
  int2: { type: 'SMALLINT' },
  int4: { type: 'INTEGER' },
  int8: { type: 'BIGINT' },
  oid: { type: 'BIGINT' },
  // 1 becomes 1.0, and 1e+30 differs too.
  float4: { type: 'FLOAT', isSameInCsv: false },
  float8: { type: 'DOUBLE', isSameInCsv: false },
  // Its own text has a currency sign and separators, as the server's locale has them.
  money: { type: 'VARCHAR', expression: (column) => `${column}::pg_catalog.numeric` },
  date: { type: 'DATE', expression: sinceYear1('date') },
  time: { type: 'TIME' },
  timestamp: { type: 'TIMESTAMP', expression: sinceYear1('timestamp') },
  timestamptz: { type: 'TIMESTAMP WITH TIME ZONE', expression: sinceYear1('timestamptz') },
  uuid: { type: 'UUID' },
  json: { type: 'JSON' },
  jsonb: { type: 'JSON' },
  // Each byte as \xHH, which is how DuckDB reads bytes in text.
  bytea: {
    type: 'BLOB',
    // Bytes that are letters become letters.
    isSameInCsv: false,
    expression: (column) =>
      String.raw`pg_catalog.regexp_replace(pg_catalog.encode(${column}, 'hex'), '(..)', E'\\\\x\\1', 'g')`,
  },
};

/** What the server says of a time that is refused; see {@link sinceYear1}. */
export const earlyTime = /"before year 1: ([^"]*)"/;

/**
 * DuckDB reads "0044-03-15 BC" as 0044-03-15 without a word. So that no such time gets to it,
 * the server is made to fail on one, by a text that it cannot take for a time.
 */
function sinceYear1(type: string) {
  return (column: string) =>
    `CASE WHEN ${column} < '0001-01-01' AND ${column} > '-infinity' THEN ('before year 1: ' || ${column}::pg_catalog.text)::pg_catalog.${type} ELSE ${column} END`;
}

/** Null: a value of this type has no form that a row could carry. */
export function postgresColumn(column: CataloguedColumn): PostgresColumn | null {
  const carried = carriedType(column);
  if (carried === null) return null;
  const name = quoteName(column.name);
  return {
    name: column.name,
    type: carried.type,
    nullable: column.nullable,
    expression: carried.expression?.(name) ?? name,
    isSameInCsv: carried.isSameInCsv ?? true,
    postgresType: column.type,
  };
}

function carriedType({ type, kind, category, modifier }: CataloguedColumn): Carried | null {
  if (category === 'A' || kind === 'c' || type === 'record') return json;
  if (type === 'unknown') return text;
  if (kind === 'p') return null;
  if (kind !== 'b') return text;
  if (type === 'numeric') return numericType(modifier);
  return Object.hasOwn(carriedTypes, type) ? (carriedTypes[type] ?? text) : text;
}

/**
 * numeric(p,s) within the 38 digits of a DECIMAL; text, with all its digits, without precision
 * or beyond. The modifier holds precision and scale; since PostgreSQL 15 the scale may be
 * negative, or more than the precision.
 * https://github.com/postgres/postgres/blob/REL_17_STABLE/src/backend/utils/adt/numeric.c (numeric_typmod_scale)
 */
function numericType(modifier: number): Carried {
  if (modifier < 4) return text;
  const precision = ((modifier - 4) >> 16) & 0xffff;
  const scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
  const [digits, decimals] =
    scale < 0 ? [precision - scale, 0] : [Math.max(precision, scale), scale];
  if (digits > 38) return text;
  // Without a digit before its point it is written as .5, and by PostgreSQL as 0.5.
  return { type: `DECIMAL(${digits},${decimals})`, isSameInCsv: digits > decimals };
}
