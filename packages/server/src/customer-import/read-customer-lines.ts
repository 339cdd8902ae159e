import {
  CausewayError,
  type Customer,
  CustomerLine,
  connectProperties,
  importLineLimit,
} from '@causeway/contract';
import type { ReadLine } from '@causeway/store';
import { describeIssues } from '../input-issues.ts';
import { refuseUnstorableText } from '../refuse-unstorable-text.ts';
import { type CsvRecord, parseCsv } from './parse-csv.ts';

/** A line of the file as it was read, with what tells it apart in the report. */
export interface NumberedLine {
  readonly line: number;
  readonly reference: string | null;
  readonly read: ReadLine;
}

/** The columns that are no properties. */
const columnsOfCustomer = ['reference', 'name'];

/**
 * Reads a file of customers: the names of the columns, then a line for each.
 *
 * @param checkProperties Throws CausewayError for properties that cannot be used.
 * @throws CausewayError `csv_not_readable` when it cannot be said what the columns are;
 * `too_many_lines`. What is wrong with a single line is in its place.
 */
export function readCustomerLines(
  bytes: Uint8Array,
  checkProperties: (properties: Customer['properties']) => void,
): NumberedLine[] {
  const [head, ...records] = parseCsv(decode(bytes));
  const columns = readHead(head);
  if (records.length > importLineLimit) {
    throw new CausewayError('too_many_lines', { limit: importLineLimit, found: records.length });
  }
  const firstLines = new Map<string, number>();
  return records.map((record) => {
    const reference = referenceIn(record, columns);
    const read = attempt(() => {
      const line = readRecord(record, columns);
      refuseRepeated(line, record, firstLines);
      checkProperties(line.properties);
      return line;
    });
    return { line: record.line, reference, read };
  });
}

/** The byte order mark that spreadsheets write is left out. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notReadable(1, 'the file is not in UTF-8');
  }
}

function readHead(head: CsvRecord | undefined): readonly string[] {
  if (!head) throw notReadable(1, 'the file is empty');
  const { line, cells: columns, fault } = head;
  if (fault !== null) throw notReadable(line, fault);
  const isTold = (name: string) => columns.indexOf(name) >= 0;
  if (!isTold('reference')) {
    const found = columns
      .map((name) => `"${name}"`)
      .join(', ')
      .slice(0, 300);
    throw notReadable(line, `there is no column "reference", but ${found}`);
  }
  for (const [i, name] of columns.entries()) {
    if (name === '') throw notReadable(line, `column ${i + 1} has no name`);
    if (name.length > 100)
      throw notReadable(line, `column ${i + 1} has a name of over 100 letters`);
    if (columns.indexOf(name) !== i) throw notReadable(line, `there are two columns "${name}"`);
    // Nearly always a slip: it would be kept and fill nothing.
    const meant = nearMiss(name);
    if (meant !== undefined) throw notReadable(line, `write column "${name}" as "${meant}"`);
  }
  return columns;
}

/** The column of ours that this one is but for case, spaces and hyphens. */
function nearMiss(name: string): string | undefined {
  const plain = name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  const known = [...columnsOfCustomer, ...connectProperties];
  return known.find((each) => each === plain && each !== name);
}

function readRecord(record: CsvRecord, columns: readonly string[]): CustomerLine {
  const { line, cells, fault } = record;
  if (fault !== null) throw notReadable(line, fault);
  if (cells.length !== columns.length) {
    throw notReadable(
      line,
      `it has ${cells.length} cells, and there are ${columns.length} columns`,
    );
  }
  const told = columns.flatMap((column, i): [string, string][] => {
    const cell = cells[i] ?? '';
    return cell === '' ? [] : [[column, cell]];
  });
  for (const [column, cell] of told) refuseLineBreak(line, column, cell);
  const isProperty = ([column]: readonly [string, string]) => !columnsOfCustomer.includes(column);
  const input = {
    ...Object.fromEntries(told.filter((each) => !isProperty(each))),
    properties: Object.fromEntries(told.filter(isProperty)),
  };
  refuseUnstorableText(input);
  const parsed = CustomerLine.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = describeIssues(parsed.error.issues);
  throw new CausewayError('invalid_request', { issues });
}

/** None of ours has any, so it is the trace of a quote that was forgotten. */
function refuseLineBreak(line: number, column: string, cell: string): void {
  const isOurs = [...columnsOfCustomer, ...connectProperties].includes(column);
  if (isOurs && /[\r\n]/.test(cell)) {
    throw notReadable(line, `cell "${column}" has a line break in it: is a quote missing?`);
  }
}

/** The file would say two things of one customer, and each import change it twice. */
function refuseRepeated(
  { reference }: CustomerLine,
  { line }: CsvRecord,
  firstLines: Map<string, number>,
): void {
  const first = firstLines.get(reference);
  if (first !== undefined) {
    throw notReadable(line, `line ${first} is about reference "${reference}" already`);
  }
  firstLines.set(reference, line);
}

/** To find the line by, where it is readable so far. */
function referenceIn({ cells }: CsvRecord, columns: readonly string[]): string | null {
  const cell = cells[columns.indexOf('reference')] ?? '';
  return cell === '' ? null : cell.slice(0, 200);
}

function attempt(read: () => CustomerLine): ReadLine {
  try {
    return read();
  } catch (error) {
    if (CausewayError.is(error)) return error;
    throw error;
  }
}

function notReadable(line: number, reason: string): CausewayError {
  return new CausewayError('csv_not_readable', { line, reason });
}
