import { isUtf8 } from 'node:buffer';
import type { ColumnType } from '@causeway/contract';

/**
 * Makes whole rows of CSV, as PostgreSQL writes it, into those of a file. They lie at the end of
 * `memory`, and before them is at least as much room, which is used.
 */
export type FinishRows = (memory: Buffer, rows: Buffer) => Buffer;

export interface FileRows {
  readonly columns: readonly ColumnType[];
  readonly delimiter: string;
  /** Throws what says that the rows hold a value that their column cannot have. */
  readonly refuse: (reason: string) => never;
}

const codeOf = (character: string) => character.charCodeAt(0);
const quote = codeOf('"');
const hash = codeOf('#');
const newline = codeOf('\n');
const notANumber = 'NaN';

/**
 * What is left to do after `COPY` with the same delimiter and the same text for NULL:
 * a field with "#", which other readers may take for a comment, is quoted as the engine does it,
 * and what the engine could not hold is refused. Rows with neither are handed on as they are.
 */
export function finishRows({ columns, delimiter, refuse }: FileRows): FinishRows {
  const separator = codeOf(delimiter);
  const isDecimal = columns.map(({ type }) => type.startsWith('DECIMAL'));
  const hasDecimals = isDecimal.includes(true);
  return (memory, rows) => {
    // A server of encoding SQL_ASCII keeps whatever it was given.
    if (!isUtf8(rows)) refuse('it has text that is no UTF-8');
    if (hasDecimals && rows.includes(notANumber)) {
      const found = columns[columnWithNaN(rows, separator, isDecimal)];
      if (found) refuse(`its column "${found.name}" has a NaN, which no ${found.type} can be`);
    }
    return rows.includes(hash) ? quoteHashes(memory, rows, separator) : rows;
  };
}

/** Only looks at what is near a "#": to go through all bytes took ten times as long. */
function quoteHashes(file: Buffer, rows: Buffer, separator: number): Buffer {
  const start = file.length - rows.length;
  let length = 0;
  // Never beyond what is still to be read: of the two bytes of "#," at least, four are made.
  const move = (from: number, to: number) => {
    file.copyWithin(length, start + from, start + to);
    length += to - from;
  };
  const isEnd = (byte: number | undefined) => byte === separator || byte === newline;
  let moved = 0;
  let nextQuote = rows.indexOf(quote);
  let isInside = false;
  for (let at = rows.indexOf(hash); at >= 0; at = rows.indexOf(hash, Math.max(moved, at + 1))) {
    for (; nextQuote >= 0 && nextQuote < at; nextQuote = rows.indexOf(quote, nextQuote + 1)) {
      isInside = !isInside;
    }
    if (isInside) continue;
    let start = at;
    while (start > 0 && !isEnd(rows[start - 1])) start -= 1;
    let end = at + 1;
    while (!isEnd(rows[end])) end += 1;
    move(moved, start);
    file[length++] = quote;
    move(start, end);
    file[length++] = quote;
    moved = end;
  }
  move(moved, rows.length);
  return file.subarray(0, length);
}

/** Of those that are decimal, the first that has one; -1 if none has. A text that says so is another thing. */
function columnWithNaN(rows: Buffer, separator: number, isDecimal: readonly boolean[]): number {
  let column = 0;
  let field = 0;
  let isInside = false;
  for (const [at, byte] of rows.entries()) {
    if (byte === quote) isInside = !isInside;
    if (isInside || (byte !== separator && byte !== newline)) continue;
    if (isDecimal[column] && rows.toString('latin1', field, at) === notANumber) return column;
    column = byte === newline ? 0 : column + 1;
    field = at + 1;
  }
  return -1;
}
