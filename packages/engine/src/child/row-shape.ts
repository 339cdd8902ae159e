import type { Column, CsvForm } from '@causeway/contract';
import type { FileForm } from '../protocol.ts';
import { columnOf, quoteIdentifier, quoteLiteral } from './sql.ts';

/**
 * The expressions that make a row what its format is written from: the
 * columns themselves for Parquet and CSV, one JSON text for JSON.
 *
 * JSON has no NaN and no infinity, which DuckDB writes as bare words: here they are
 * the texts "NaN", "Infinity" and "-Infinity". What nests goes into CSV as JSON.
 */
export function rowShape(form: FileForm, row: ShapedRow): string {
  const { table, columns } = row;
  switch (form.format) {
    case 'parquet':
      return parquetColumns(row);
    case 'csv':
      return columns.map((column) => csvColumn(column, table, form.csv)).join(', ');
    case 'jsonl':
      return `${nameOf(row)}${jsonLine(row)} AS line`;
    case 'json':
      // The comma is taken away from the first row of a file: see `textForm`.
      return `',' || ${jsonLine(row)} AS line`;
  }
}

/** The columns of a table that go into a row, in their order. */
interface ShapedRow {
  readonly table: string;
  readonly columns: readonly Column[];
  /** Whether they are just those of the table. */
  readonly isWhole: boolean;
  /** Its value stands before a line of JSON, and a space between them. */
  readonly name: Column | null;
}

function nameOf({ table, name }: ShapedRow): string {
  return name === null ? '' : `CAST(${columnOf(table, name.name)} AS VARCHAR) || ' ' || `;
}

function parquetColumns({ table, columns, isWhole }: ShapedRow): string {
  const cast = ({ name, type }: Column) =>
    `CAST(${columnOf(table, name)} AS ${typeInParquet(type)}) AS ${quoteIdentifier(name)}`;
  const changes = ({ type }: Column) => typeInParquet(type) !== type;
  if (!isWhole) {
    return columns
      .map((column) => (changes(column) ? cast(column) : columnOf(table, column.name)))
      .join(', ');
  }
  const changed = columns.filter(changes).map(cast);
  const all = `${quoteIdentifier(table)}.*`;
  return changed.length === 0 ? all : `${all} REPLACE (${changed.join(', ')})`;
}

/**
 * Parquet has no integers of 128 bits, and DuckDB writes them as doubles, which rounds
 * what `sum` makes of large numbers without a word. As decimals all 38 digits are kept;
 * a number that has 39 fails the query.
 */
export function typeInParquet(type: string): string {
  // Names of fields, quoted or followed by their type, are not meant.
  return type.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'|\bU?HUGEINT\b(?=[,)[]|$)/g, (found) =>
    /^["']/.test(found) ? found : 'DECIMAL(38,0)',
  );
}

function jsonLine({ table, columns, isWhole }: ShapedRow): string {
  const members = columns.map(({ name }) => `${quoteIdentifier(name)} := ${columnOf(table, name)}`);
  const object = isWhole ? quoteIdentifier(table) : `struct_pack(${members.join(', ')})`;
  const text = `CAST(to_json(${object}) AS VARCHAR)`;
  const conditions = columns
    .map((column) => holdsNonFinite(columnOf(table, column.name), column.type))
    .filter((condition) => condition !== null);
  return conditions.length === 0 ? text : quoteNonFinite(text, conditions.join(' OR '));
}

function csvColumn({ name, type }: Column, table: string, csv: CsvForm | null): string {
  const value = columnOf(table, name);
  const alias = ` AS ${quoteIdentifier(name)}`;
  if (isNested(type)) {
    const text = `CAST(to_json(${value}) AS VARCHAR)`;
    const condition = holdsNonFinite(value, type);
    return (condition === null ? text : quoteNonFinite(text, condition)) + alias;
  }
  return (csv?.formulaGuard === 'escape' && isText(type) ? guarded(value) : value) + alias;
}

/** As `formulaStart` in `encode/text-form.ts`. */
function guarded(value: string): string {
  const text = `CAST(${value} AS VARCHAR)`;
  const starts = ['=', '+', '-', '@'].map(quoteLiteral);
  const control = ['chr(9)', 'chr(13)', 'chr(0)'];
  return `CASE WHEN ${text}[1] IN (${[...starts, ...control].join(', ')}) THEN '''' || ${text} ELSE ${text} END`;
}

/** Types whose values are whatever somebody typed. */
function isText(type: string): boolean {
  return /^(VARCHAR|JSON|ENUM|BLOB|BIT)/.test(type);
}

function isNested(type: string): boolean {
  return /[\])]$/.test(type) && !/^(DECIMAL|ENUM)\([^[]*\)$/.test(type);
}

const floating = /\b(FLOAT|DOUBLE)\b/;

/** The condition that a value holds NaN or an infinity; null for types that have none. */
function holdsNonFinite(value: string, type: string): string | null {
  if (!floating.test(type)) return null;
  if (!isNested(type)) return `(${value} IS NOT NULL AND NOT isfinite(${value}))`;
  // More than it must, as for a text that says so: what follows is exact.
  const text = `CAST(to_json(${value}) AS VARCHAR)`;
  return `coalesce(contains(${text}, 'NaN') OR contains(${text}, 'Infinity'), false)`;
}

/**
 * Quotes the words in JSON text. What is matched are whole texts and such words, so
 * that no word within a text is met. Both get marks, a control character that JSON
 * text cannot hold: two in a row behind a text, one on each side of a word.
 */
function quoteNonFinite(json: string, condition: string): string {
  const pattern = quoteLiteral(String.raw`("(?:[^"\\]|\\.)*")|(-?Infinity|NaN)`);
  const marked = String.raw`regexp_replace(${json}, ${pattern}, '\1' || chr(1) || '\2' || chr(1), 'g')`;
  const quoted = `replace(replace(${marked}, chr(1) || chr(1), ''), chr(1), '"')`;
  return `CASE WHEN ${condition} THEN ${quoted} ELSE ${json} END`;
}
