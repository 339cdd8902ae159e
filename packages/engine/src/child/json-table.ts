import type { ColumnType } from '@causeway/contract';
import type { InputRequest, RequestedFile } from '../protocol.ts';
import { JobError, readingFile } from './job-error.ts';
import { compressionOption, maximumLineBytes } from './read-text.ts';
import type { Session } from './session.ts';
import { quoteLiteral } from './sql.ts';
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
  const types = columns.map(({ name, type }) => `${quoteLiteral(name)}: ${quoteLiteral(type)}`);
  const explicit = ['auto_detect = false', 'records = true', `columns = {${types.join(', ')}}`];
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
    const table = readJson(files, input, [`sample_size = ${sampledRows}`, 'union_by_name = true']);
    const found = await describeTable(session, table);
    // One column of this name is what DuckDB makes of no rows, and of values that have no names.
    return found.length === 1 && found[0]?.name === 'json' ? [] : found;
  });
}

/** What columns and types are made of; a run that meets another value later says where. */
const sampledRows = 204_800;

function readJson(
  files: readonly RequestedFile[],
  { format }: InputRequest,
  more: readonly string[],
): string {
  const names = files.map(({ name }) => quoteLiteral(name));
  const options = [
    `format = ${quoteLiteral(format === 'json' ? 'array' : 'newline_delimited')}`,
    compressionOption(files[0]?.compression ?? 'none'),
    `maximum_object_size = ${maximumLineBytes}`,
    ...more,
  ];
  return `read_json([${names.join(', ')}], ${options.join(', ')})`;
}
