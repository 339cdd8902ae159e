import type { Column, Compression, CsvForm } from '@causeway/contract';
import type { FileForm } from '../protocol.ts';
import { quoteLiteral } from './sql.ts';

/**
 * Each object of JSON lines or of a JSON array as it stands, in a column `line`; what
 * is no JSON fails.
 */
export function readJsonObjects(form: FileForm, names: readonly string[]): string {
  const source = `read_json_objects(${listOf(names)}, ${jsonOptions(form).join(', ')})`;
  return `(SELECT CAST(json AS VARCHAR) AS line FROM ${source})`;
}

export function jsonOptions({ format, compression }: FileForm): string[] {
  return [
    `format = '${format === 'json' ? 'array' : 'newline_delimited'}'`,
    `maximum_object_size = ${maximumLineBytes}`,
    compressionOption(compression),
  ];
}

/** Longer lines are refused; DuckDB reserves a buffer of twice this for each thread. */
export const maximumLineBytes = 16 * 1024 * 1024;

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
  const types = columns?.map(({ name }) => `${quoteLiteral(name)}: 'VARCHAR'`);
  const options = [
    types ? `auto_detect = false, columns = {${types.join(', ')}}` : 'all_varchar = true',
    `header = ${header}`,
    `delim = ${quoteLiteral(delimiter)}`,
    `quote = '"', escape = '"', comment = ''`,
    `nullstr = ${quoteLiteral(nullText)}, allow_quoted_nulls = false`,
    compressionOption(form.compression),
    'hive_partitioning = false',
  ];
  return `read_csv(${listOf(names)}, ${options.join(', ')})`;
}

/** The option of `read_csv` and `read_json` that says how files are compressed. */
export function compressionOption(compression: Compression): string {
  return `compression = '${compression === 'none' ? 'uncompressed' : compression}'`;
}

function listOf(names: readonly string[]): string {
  return `[${names.map(quoteLiteral).join(', ')}]`;
}
