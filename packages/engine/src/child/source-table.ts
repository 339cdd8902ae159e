import type { Column } from '@causeway/contract';
import type { InputRequest, SourceRequest } from '../protocol.ts';
import { csvTable } from './csv-table.ts';
import { describeParquet } from './describe-parquet.ts';
import { duckDbReason, JobError, readingFile } from './job-error.ts';
import { jsonTable } from './json-table.ts';
import { checkQuery } from './query.ts';
import type { Session } from './session.ts';
import { quoteIdentifier, quoteLiteral, readParquet } from './sql.ts';
import { describeTable } from './table-facts.ts';

/** The rows of a source as a query reads them. */
export interface SourceTable {
  /** Stands after FROM. Mentions a stream at most once: it can be read once. */
  readonly sql: string;
  readonly columns: readonly Column[];
}

/**
 * Makes a source ready to be read, or only to be described: then no stream is opened.
 *
 * @throws JobError `file_not_readable`, `query_not_usable`.
 */
export async function openSourceTable(
  session: Session,
  { inputs, query }: SourceRequest,
  purpose: 'read' | 'describe',
): Promise<SourceTable> {
  const [first] = inputs;
  if (query === null && first) {
    const sql = await inputTable(session, first);
    return { sql, columns: await describeInput(session, first, sql) };
  }
  const text = await checkQuery(
    session,
    query ?? '',
    inputs.map(({ table }) => table),
  );
  for (const input of inputs) await nameInput(session, input, purpose);
  return describeQuery(session, text);
}

function inputTable(session: Session, input: InputRequest): Promise<string> {
  switch (input.format) {
    case 'parquet':
      return Promise.resolve(readParquet(input.files.map(({ name }) => name)));
    case 'csv':
      return csvTable(session, input);
    case 'json':
    case 'jsonl':
      return jsonTable(session, input);
  }
}

/** @throws JobError `file_not_readable`. */
function describeInput(session: Session, input: InputRequest, sql: string): Promise<Column[]> {
  const [first] = input.files;
  if (input.format === 'parquet') {
    return describeParquet(
      session,
      input.files.map(({ name }) => name),
    );
  }
  return readingFile(first?.name ?? '', async () => {
    // DESCRIBE would open a stream, whose columns are known.
    if (!input.stream) return await describeTable(session, sql);
    const columns = await describeTable(session, emptyTable(input));
    const never = new Set(input.columns.filter((c) => c.nullable === false).map((c) => c.name));
    return columns.map((column) => ({ ...column, nullable: !never.has(column.name) }));
  });
}

/** Gives an input the name that the query has for it; a stream, which is read once, becomes a table. */
async function nameInput(session: Session, input: InputRequest, purpose: 'read' | 'describe') {
  const name = quoteIdentifier(input.table);
  const [first] = input.files;
  await readingFile(first?.name ?? '', async () => {
    if (!input.stream) {
      const sql = await inputTable(session, input);
      await session.rows(`CREATE TEMP VIEW ${name} AS SELECT * FROM ${sql}`);
      return;
    }
    const from = purpose === 'read' ? await inputTable(session, input) : emptyTable(input);
    await session.rows(`CREATE TEMP TABLE ${name} AS SELECT * FROM ${from}`);
  });
}

/** The columns of a stream, typed by DuckDB's own reading of their types. */
function emptyTable(input: InputRequest): string {
  const columns = input.columns.map(
    ({ name, type }) =>
      `from_json('null', ${quoteLiteral(JSON.stringify(type))}) AS ${quoteIdentifier(name)}`,
  );
  return `(SELECT ${columns.join(', ')} WHERE false)`;
}

/** @throws JobError `query_not_usable` for what DuckDB does not understand. */
async function describeQuery(session: Session, query: string): Promise<SourceTable> {
  // A comment at its end must not reach our parenthesis.
  const sql = `(${query}\n)`;
  try {
    return { sql, columns: await describeTable(session, sql) };
  } catch (error) {
    throw new JobError({ code: 'query_not_usable', reason: duckDbReason(error) }, { cause: error });
  }
}
