import type { Column, CsvForm, Format } from '@causeway/contract';

/** What stands around the rows of a text file that DuckDB has encoded. */
export interface TextForm {
  /** Begins and ends text in which a newline ends no row; null: there is none. */
  readonly quote: number | null;
  readonly head: Uint8Array;
  /** How much of the first row's beginning is left out of each file. */
  readonly skip: number;
  readonly tail: Uint8Array;
}

const nothing = new Uint8Array();

/**
 * For JSON arrays the engine writes each row as `,{...}`: the first comma of a file
 * gives way to the bracket. A CSV header is written here, since only a file with rows
 * has one and each file needs its own.
 */
export function textForm(
  form: { readonly format: Format; readonly csv: CsvForm | null },
  columns: readonly Column[],
): TextForm {
  switch (form.format) {
    case 'parquet':
      throw new Error('Parquet is not text');
    case 'jsonl':
      return { quote: null, head: nothing, skip: 0, tail: nothing };
    case 'json':
      return { quote: null, head: Buffer.from('['), skip: 1, tail: Buffer.from(']\n') };
    case 'csv': {
      const head = form.csv?.header ? Buffer.from(csvHeader(form.csv, columns)) : nothing;
      return { quote: '"'.charCodeAt(0), head, skip: 0, tail: nothing };
    }
  }
}

function csvHeader(csv: CsvForm, columns: readonly Column[]): string {
  const names = columns.map(({ name }) => quoteIfNeeded(guarded(name, csv), csv));
  return names.join(csv.delimiter) + (csv.lineEnd === 'crlf' ? '\r\n' : '\n');
}

function guarded(name: string, csv: CsvForm): string {
  return csv.formulaGuard === 'escape' && formulaStart.test(name) ? `'${name}` : name;
}

/** What makes a spreadsheet take a text for a formula (OWASP, CSV injection; ASVS 1.2.10). */
export const formulaStart = /^[=+\-@\t\r\0]/;

function quoteIfNeeded(name: string, csv: CsvForm): string {
  const special = [csv.delimiter, '"', '\r', '\n'].some((text) => name.includes(text));
  return special || name === csv.nullText || /^[#\s]|\s$/.test(name)
    ? `"${name.replaceAll('"', '""')}"`
    : name;
}
