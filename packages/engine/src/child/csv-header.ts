import type { CsvOptions } from '@causeway/contract';
import type { RequestedFile } from '../protocol.ts';
import { JobError, readingFile } from './job-error.ts';
import type { Session } from './session.ts';
import { compressionOption, quoteLiteral } from './sql.ts';

/** A header in quotes may run over this many lines. */
const headerLines = 100;

/**
 * The columns that the header of a file of CSV names; one without a name is `column` and
 * its place.
 *
 * @throws JobError `file_not_readable`, also when it names a column twice.
 */
export async function readCsvHeader(
  session: Session,
  csv: CsvOptions,
  file: RequestedFile,
): Promise<string[]> {
  const lines = await readingFile(file.name, () => firstLines(session, csv, file));
  const [header] = lines.length === 0 ? [] : splitRecord(lines.join('\n'), csv);
  const unusable = (reason: string) =>
    new JobError({ code: 'file_not_readable', name: file.name, reason });
  if (lines.length === 0) throw unusable('it is empty, and should begin with a header');
  if (!header) throw unusable('the quotes of its header are never closed');
  const names = header.map((name, index) => (name === '' ? `column${index}` : name));
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name.toLowerCase())) throw unusable(`its header names column "${name}" twice`);
    seen.add(name.toLowerCase());
  }
  return names;
}

/** As a file of one column that quotes nothing, in order. */
async function firstLines(session: Session, csv: CsvOptions, file: RequestedFile) {
  const options = [
    'auto_detect = false',
    'header = false',
    `delim = '\n'`,
    `quote = ''`,
    `escape = ''`,
    'parallel = false',
    `skip = ${csv.skipLines ?? 0}`,
    `encoding = ${quoteLiteral(csv.encoding ?? 'utf-8')}`,
    compressionOption([file]),
    `columns = {'line': 'VARCHAR'}`,
  ];
  const rows = await session.rows(
    `SELECT line FROM read_csv(${quoteLiteral(file.name)}, ${options.join(', ')}) LIMIT ${headerLines}`,
  );
  return rows.map((row) => String(row['line'] ?? ''));
}

/** The fields of the first record, or nothing when its quotes are never closed. */
function splitRecord(text: string, csv: CsvOptions): [string[]] | [] {
  const { delimiter = ',', quote = '"', escape: escaper = quote } = csv;
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  let at = text.startsWith('\ufeff') ? 1 : 0;
  for (;;) {
    const isEnd = at >= text.length;
    if (quoted && isEnd) return [];
    const character = text[at] ?? '';
    if (quoted && character === escaper && text[at + 1] === quote) {
      field += quote;
      at += 2;
    } else if (quoted && character === quote) {
      quoted = false;
      at += 1;
    } else if (!quoted && (isEnd || character === '\n')) {
      return [[...fields, field.replace(/\r$/, '')]];
    } else if (!quoted && text.startsWith(delimiter, at)) {
      fields.push(field);
      field = '';
      at += delimiter.length;
    } else if (!quoted && character === quote && field === '') {
      quoted = true;
      at += 1;
    } else {
      field += character;
      at += 1;
    }
  }
}
