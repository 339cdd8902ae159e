import type { Column, ColumnType, Compression, CsvForm } from '@causeway/contract';
import type { FileForm } from '../protocol.ts';
import { quoteList, quoteLiteral } from './sql.ts';

/**
 * Each object of JSON lines or of a JSON array as it stands, in a column `line`; what
 * is no JSON fails.
 */
export function readJsonObjects(form: FileForm, names: readonly string[]): string {
  const source = `read_json_objects(${quoteList(names)}, ${jsonOptions(form).join(', ')})`;
  return `(SELECT CAST(json AS VARCHAR) AS line FROM ${source})`;
}

export function jsonOptions({
  format,
  compression,
}: Pick<FileForm, 'format' | 'compression'>): string[] {
  return [
    `format = '${format === 'json' ? 'array' : 'newline_delimited'}'`,
    `maximum_object_size = ${maximumLineBytes}`,
    compressionOption(compression),
  ];
}

/** Longer lines are refused; DuckDB reserves a buffer of twice this for each thread. */
const maximumLineBytes = 16 * 1024 * 1024;

/**
 * CSV as it was written: every value as text, NULL apart from the empty text. Without
 * `columns`, the names are those of the header, or made up.
 */
export function readCsv(
  form: FileForm & { readonly csv: CsvForm },
  names: readonly string[],
  columns: readonly Column[] | null,
): string {
  const { delimiter, header, nullText } = form.csv;
  const texts = columns?.map(({ name }) => ({ name, type: 'VARCHAR' }));
  const options = [
    ...(texts ? knownColumns(texts) : ['all_varchar = true']),
    `header = ${header}`,
    `delim = ${quoteLiteral(delimiter)}`,
    `quote = '"', escape = '"', comment = ''`,
    `nullstr = ${quoteLiteral(nullText)}, allow_quoted_nulls = false`,
    compressionOption(form.compression),
    'hive_partitioning = false',
  ];
  return `read_csv(${quoteList(names)}, ${options.join(', ')})`;
}

/** The option of `read_csv` and `read_json` that says how files are compressed. */
export function compressionOption(compression: Compression): string {
  return `compression = '${compression === 'none' ? 'uncompressed' : compression}'`;
}

/** The options of both that say what columns there are, and have nothing found out. */
export function knownColumns(columns: readonly ColumnType[]): string[] {
  const types = columns.map(({ name, type }) => `${quoteLiteral(name)}: ${quoteLiteral(type)}`);
  return ['auto_detect = false', `columns = {${types.join(', ')}}`];
}

/** The option of both that says of how many rows types are made; a run that meets another value later says where. */
export const sampleOption = 'sample_size = 204800';
