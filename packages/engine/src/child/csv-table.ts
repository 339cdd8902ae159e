import type { ColumnType, CsvOptions } from '@causeway/contract';
import type { InputRequest, RequestedFile } from '../protocol.ts';
import { type NewLine, namesInHeader, readCsvStart } from './csv-start.ts';
import { JobError, readingFile } from './job-error.ts';
import { compressionOption, knownColumns, sampleOption } from './read-text.ts';
import type { Session } from './session.ts';
import { quoteList, quoteLiteral } from './sql.ts';
import { describeTable } from './table-facts.ts';

/**
 * An input of CSV, for FROM. Nothing is left to guess: the columns of each file are those
 * that its own header names, in that order, so a file whose columns come in another order
 * is read right, and one that lacks some has NULL there. Types are those of the input;
 * for columns that it does not know, what DuckDB makes of the first rows.
 *
 * @throws JobError `file_not_readable`.
 */
export async function csvTable(session: Session, input: InputRequest): Promise<string> {
  const { csv, columns, files } = input;
  if (input.stream) return readCsv({ csv, columns, files, newLine: '\n' });
  const groups = new Map<string, FileGroup>();
  for (const file of files) {
    const form = await formOf(input, file);
    const key = JSON.stringify([file.compression, form]);
    const group = groups.get(key);
    if (group) group.files.push(file);
    else
      groups.set(key, {
        ...form,
        columns: await columnTypes(session, input, file, form),
        files: [file],
      });
  }
  const tables = [...groups.values()].map((group) => readCsv({ csv, ...group }));
  if (tables.length === 1) return tables[0] ?? '';
  return `(${tables.map((table) => `SELECT * FROM ${table}`).join(' UNION ALL BY NAME ')})`;
}

/** What a file says of itself. */
interface FileForm {
  readonly names: readonly string[];
  readonly newLine: NewLine;
}

/** Files that are read in one way. */
interface FileGroup extends FileForm {
  readonly columns: readonly ColumnType[];
  readonly files: RequestedFile[];
}

function readCsv(read: {
  readonly csv: CsvOptions;
  readonly columns: readonly ColumnType[];
  readonly files: readonly RequestedFile[];
  readonly newLine: NewLine;
}): string {
  const names = read.files.map(({ name }) => name);
  const options = [
    ...knownColumns(read.columns),
    ...dialectOptions(read.csv, read.newLine),
    compressionOption(read.files[0]?.compression ?? 'none'),
  ];
  return `read_csv(${quoteList(names)}, ${options.join(', ')})`;
}

/** The dialect in full: what is not said is RFC 4180. */
function dialectOptions(csv: CsvOptions, newLine: NewLine): string[] {
  const quote = csv.quote ?? '"';
  const options = [
    `header = ${csv.header ?? true}`,
    // DuckDB wants the two characters of each escape.
    `new_line = ${quoteLiteral(newLine.replace('\r', '\\r').replace('\n', '\\n'))}`,
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
async function formOf({ csv, columns }: InputRequest, file: RequestedFile): Promise<FileForm> {
  const start = await readCsvStart(csv, file);
  const { newLine } = start;
  if (csv.header ?? true) return { names: namesInHeader(start, file), newLine };
  if (columns.length > 0) return { names: columns.map(({ name }) => name), newLine };
  return { names: start.fields.map((_field, index) => `column${index}`), newLine };
}

async function columnTypes(
  session: Session,
  { columns, csv }: InputRequest,
  file: RequestedFile,
  { names, newLine }: FileForm,
): Promise<ColumnType[]> {
  const known = new Map(columns.map(({ name, type }) => [name, type]));
  if (names.every((name) => known.has(name))) {
    return names.map((name) => ({ name, type: known.get(name) ?? '' }));
  }
  const found = await describeCsv(session, csv, file, newLine);
  return names.map((name, index) => ({
    name,
    type: known.get(name) ?? found[index] ?? 'VARCHAR',
  }));
}

/** The types of the columns of a file, in order, by its first rows; rows that do not fit count for nothing. */
function describeCsv(
  session: Session,
  csv: CsvOptions,
  file: RequestedFile,
  newLine: NewLine,
): Promise<string[]> {
  return readingFile(file.name, async () => {
    const options = [
      ...dialectOptions(csv, newLine),
      compressionOption(file.compression),
      sampleOption,
      'ignore_errors = true',
    ];
    const table = `read_csv(${quoteLiteral(file.name)}, ${options.join(', ')})`;
    return (await describeTable(session, table)).map(({ type }) => type);
  });
}

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
      compressionOption(file.compression),
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
