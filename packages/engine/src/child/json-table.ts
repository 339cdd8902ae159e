import type { ColumnType } from '@causeway/contract';
import type { InputRequest, RequestedFile } from '../protocol.ts';
import { JobError, readingFile } from './job-error.ts';
import { jsonOptions, knownColumns, sampleOption } from './read-text.ts';
import type { Session } from './session.ts';
import { quoteList } from './sql.ts';
import { describeTable } from './table-facts.ts';

/**
 * An input of JSON lines, or of arrays, for FROM: known columns have their types,
 * whatever the values look like; others are found in the first rows. A column that a row
 * lacks is NULL there.
 *
 * @throws JobError `file_not_readable`.
 */
export async function jsonTable(session: Session, input: InputRequest): Promise<string> {
  const columns = input.stream ? input.columns : await columnTypes(session, input);
  const explicit = ['records = true', ...knownColumns(columns)];
  const byCompression = Map.groupBy(input.files, ({ compression }) => compression);
  const tables = [...byCompression.values()].map((files) => readJson(files, input, explicit));
  if (tables.length === 1) return tables[0] ?? '';
  return `(${tables.map((table) => `SELECT * FROM ${table}`).join(' UNION ALL ')})`;
}

async function columnTypes(session: Session, input: InputRequest): Promise<ColumnType[]> {
  const columns = new Map<string, ColumnType>();
  for (const known of input.columns) columns.set(known.name, known);
  const byCompression = Map.groupBy(input.files, ({ compression }) => compression);
  for (const files of byCompression.values()) {
    for (const found of await describeJson(session, files, input)) {
      if (!columns.has(found.name)) columns.set(found.name, found);
    }
  }
  if (columns.size === 0) {
    const reason = 'it has no rows of named values, so nothing tells its columns';
    throw new JobError({ code: 'file_not_readable', name: input.files[0]?.name ?? '', reason });
  }
  return [...columns.values()];
}

function describeJson(
  session: Session,
  files: readonly RequestedFile[],
  input: InputRequest,
): Promise<ColumnType[]> {
  return readingFile(files[0]?.name ?? '', async () => {
    const table = readJson(files, input, [sampleOption, 'union_by_name = true']);
    const found = await describeTable(session, table);
    // One column of this name is what DuckDB makes of no rows, and of values that have no names.
    return found.length === 1 && found[0]?.name === 'json' ? [] : found;
  });
}

function readJson(
  files: readonly RequestedFile[],
  { format }: InputRequest,
  more: readonly string[],
): string {
  const names = files.map(({ name }) => name);
  const options = jsonOptions({ format, compression: files[0]?.compression ?? 'none' });
  return `read_json(${quoteList(names)}, ${[...options, ...more].join(', ')})`;
}
