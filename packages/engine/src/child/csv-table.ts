import type { ColumnType, CsvOptions } from '@causeway/contract';
import type { InputRequest, RequestedFile } from '../protocol.ts';
import { readCsvHeader } from './csv-header.ts';
import { JobError, readingFile } from './job-error.ts';
import type { Session } from './session.ts';
import { compressionOption, quoteLiteral } from './sql.ts';

/**
 * An input of CSV, for FROM. Nothing is left to guess: the columns of each file are those
 * that its own header names, in that order, so a file whose columns come in another order
 * is read right, and one that lacks some has NULL there. Types are those of the input;
 * for columns that it does not know, what DuckDB makes of the first rows.
 *
 * @throws JobError `file_not_readable`.
 */
export async function csvTable(session: Session, input: InputRequest): Promise<string> {
  if (input.stream) return readCsv(input.files, input.csv, input.columns, false);
  const groups = new Map<string, { columns: ColumnType[]; files: RequestedFile[] }>();
  for (const file of input.files) {
    const names = await columnNames(session, input, file);
    const key = JSON.stringify([file.compression, names]);
    const group = groups.get(key);
    if (group) group.files.push(file);
    else
      groups.set(key, { columns: await columnTypes(session, input, file, names), files: [file] });
  }
  const tables = [...groups.values()].map(({ files, columns }) =>
    readCsv(files, input.csv, columns, input.csv.header ?? true),
  );
  if (tables.length === 1) return tables[0] ?? '';
  return `(${tables.map((table) => `SELECT * FROM ${table}`).join(' UNION ALL BY NAME ')})`;
}

function readCsv(
  files: readonly RequestedFile[],
  csv: CsvOptions,
  columns: readonly ColumnType[],
  header: boolean,
): string {
  const types = columns.map(({ name, type }) => `${quoteLiteral(name)}: ${quoteLiteral(type)}`);
  const names = files.map(({ name }) => quoteLiteral(name));
  const options = [
    'auto_detect = false',
    `header = ${header}`,
    ...dialectOptions(csv),
    compressionOption(files),
    `columns = {${types.join(', ')}}`,
  ];
  return `read_csv([${names.join(', ')}], ${options.join(', ')})`;
}

/** The dialect in full: what is not said is RFC 4180. */
function dialectOptions(csv: CsvOptions): string[] {
  const quote = csv.quote ?? '"';
  const options = [
    `delim = ${quoteLiteral(csv.delimiter ?? ',')}`,
    `quote = ${quoteLiteral(quote)}`,
    `escape = ${quoteLiteral(csv.escape ?? quote)}`,
    `skip = ${csv.skipLines ?? 0}`,
    `nullstr = ${quoteLiteral(csv.nullText ?? '')}`,
    `allow_quoted_nulls = ${csv.quotedNull ?? true}`,
    `encoding = ${quoteLiteral(csv.encoding ?? 'utf-8')}`,
    `decimal_separator = ${quoteLiteral(csv.decimalSeparator ?? '.')}`,
  ];
  if (csv.dateFormat !== undefined) options.push(`dateformat = ${quoteLiteral(csv.dateFormat)}`);
  if (csv.timestampFormat !== undefined) {
    options.push(`timestampformat = ${quoteLiteral(csv.timestampFormat)}`);
  }
  return options;
}

/** Without a header, columns are named as they are known, else `column0` and on. */
async function columnNames(
  session: Session,
  input: InputRequest,
  file: RequestedFile,
): Promise<string[]> {
  if (input.csv.header ?? true) return readCsvHeader(session, input.csv, file);
  if (input.columns.length > 0) return input.columns.map(({ name }) => name);
  const found = await describeCsv(session, input.csv, file);
  return found.map((_type, index) => `column${index}`);
}

async function columnTypes(
  session: Session,
  { columns, csv }: InputRequest,
  file: RequestedFile,
  names: readonly string[],
): Promise<ColumnType[]> {
  const known = new Map(columns.map(({ name, type }) => [name, type]));
  if (names.every((name) => known.has(name))) {
    return names.map((name) => ({ name, type: known.get(name) ?? '' }));
  }
  const found = await describeCsv(session, csv, file);
  return names.map((name, index) => ({
    name,
    type: known.get(name) ?? found[index] ?? 'VARCHAR',
  }));
}

/** The types of the columns of a file, in order, by its first rows; rows that do not fit count for nothing. */
function describeCsv(session: Session, csv: CsvOptions, file: RequestedFile): Promise<string[]> {
  return readingFile(file.name, async () => {
    const options = [
      ...dialectOptions(csv),
      `header = ${csv.header ?? true}`,
      compressionOption([file]),
      `sample_size = ${sampledRows}`,
      'ignore_errors = true',
    ];
    const rows = await session.rows(
      `DESCRIBE SELECT * FROM read_csv(${quoteLiteral(file.name)}, ${options.join(', ')})`,
    );
    return rows.map((row) => String(row['column_type']));
  });
}

/** What types are made of; a run that meets another value later says where. */
const sampledRows = 204_800;

/**
 * How a file of CSV is written, what is not in `csv` found out by DuckDB. A proposal:
 * of few or dirty lines it may make something else than a person would.
 *
 * @throws JobError `file_not_readable`.
 */
export async function sniffCsv(
  session: Session,
  input: InputRequest | undefined,
): Promise<CsvOptions> {
  const { csv = {}, files: [file] = [] } = input ?? {};
  if (!file) throw new Error('There is no file to look at');
  return readingFile(file.name, async () => {
    const said = [
      ...(csv.delimiter === undefined ? [] : [`delim = ${quoteLiteral(csv.delimiter)}`]),
      ...(csv.quote === undefined ? [] : [`quote = ${quoteLiteral(csv.quote)}`]),
      ...(csv.escape === undefined ? [] : [`escape = ${quoteLiteral(csv.escape)}`]),
      ...(csv.header === undefined ? [] : [`header = ${csv.header}`]),
      ...(csv.skipLines === undefined ? [] : [`skip = ${csv.skipLines}`]),
      `encoding = ${quoteLiteral(csv.encoding ?? 'utf-8')}`,
      compressionOption([file]),
      'ignore_errors = true',
    ];
    const [found] = await session.rows(
      `SELECT Delimiter, Quote, Escape, SkipRows, HasHeader, len(Columns) AS width FROM sniff_csv(${quoteLiteral(file.name)}, ${said.join(', ')})`,
    );
    if (!found)
      throw new JobError({ code: 'file_not_readable', name: file.name, reason: 'it is empty' });
    return proposal(csv, found);
  });
}

function proposal(said: CsvOptions, found: Readonly<Record<string, unknown>>): CsvOptions {
  // Of lines without quotes, or of one column, DuckDB takes any quote and delimiter.
  const quote = character(found['Quote']) || '"';
  const delimiter = Number(found['width']) > 1 ? String(found['Delimiter']) : ',';
  return {
    delimiter,
    quote,
    escape: character(found['Escape']) || quote,
    header: found['HasHeader'] === true,
    skipLines: Number(found['SkipRows']),
    nullText: '',
    ...said,
  };
}

function character(found: unknown): string {
  return found === '(empty)' ? '' : String(found);
}
