/** One record of a CSV file. */
export interface CsvRecord {
  /** Of the file, where the record begins; the first is 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** What is wrong with it; then its cells are what could be made of it. */
  readonly fault: string | null;
}

/**
 * Reads CSV as RFC 4180 has it: commas, records ended by CRLF or LF, cells with commas,
 * quotes or line breaks in quotes, a quote in them written twice. Spaces belong to the
 * cell. Empty lines are left out. https://www.rfc-editor.org/rfc/rfc4180
 *
 * Nothing is guessed: a record that breaks the rules has a fault, and the next one is read
 * as if nothing had happened. Only a quote that is never closed takes the rest with it.
 */
export function* parseCsv(text: string): Generator<CsvRecord> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const record = readRecord(text, at);
    const isEmpty = record.cells.length === 1 && record.end === at + record.eol;
    if (!isEmpty) yield { line, cells: record.cells, fault: record.fault };
    line += linesIn(text, at, record.end);
    at = record.end;
  }
}

interface Read {
  readonly cells: string[];
  readonly fault: string | null;
  /** Where the next record begins. */
  readonly end: number;
  /** How long the line break is that ended it; 0 at the end of the text. */
  readonly eol: number;
}

function readRecord(text: string, start: number): Read {
  const cells: string[] = [];
  let fault: string | null = null;
  let at = start;
  for (;;) {
    const cell = text[at] === '"' ? readQuoted(text, at) : readBare(text, at);
    cells.push(cell.value);
    fault ??= cell.fault === null ? null : `cell ${cells.length} ${cell.fault}`;
    at = cell.end;
    if (text[at] !== ',') break;
    at += 1;
  }
  const eol = eolAt(text, at);
  return { cells, fault, end: at + eol, eol };
}

interface Cell {
  readonly value: string;
  readonly fault: string | null;
  /** Where a comma, a line break or the end of the text is. */
  readonly end: number;
}

function readBare(text: string, start: number): Cell {
  let end = start;
  while (end < text.length && text[end] !== ',' && eolAt(text, end) === 0) end += 1;
  const value = text.slice(start, end);
  return { value, fault: faultOfBare(value), end };
}

function faultOfBare(value: string): string | null {
  if (value.includes('"')) return 'has a quote in it and does not begin with one';
  return value.includes('\r') ? 'has a carriage return without a line feed' : null;
}

function readQuoted(text: string, start: number): Cell {
  let value = '';
  let at = start + 1;
  for (;;) {
    const close = text.indexOf('"', at);
    if (close < 0) {
      const fault = 'begins with a quote that is never closed';
      return { value: value + text.slice(at), fault, end: text.length };
    }
    value += text.slice(at, close);
    if (text[close + 1] !== '"') {
      const rest = readBare(text, close + 1);
      const fault = rest.value === '' ? null : 'goes on after its closing quote';
      return { value: value + rest.value, fault, end: rest.end };
    }
    value += '"';
    at = close + 2;
  }
}

/** How long the line break is that is here; 0 where there is none. */
function eolAt(text: string, at: number): number {
  if (text[at] === '\n') return 1;
  return text[at] === '\r' && text[at + 1] === '\n' ? 2 : 0;
}

function linesIn(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) {
    count += 1;
  }
  return count;
}
