import { isUtf8 } from 'node:buffer';
import { CausewayError, pushLimits } from '@causeway/contract';

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];
const [newline, carriageReturn, tab, space] = [0x0a, 0x0d, 0x09, 0x20];

/**
 * The text of each record, one after the other, so that no more than one is ever a value
 * in memory. Whether it is valid JSON shows when it is parsed; one that is nested
 * too deeply is not given to a parser at all.
 *
 * @throws CausewayError `records_refused` where records cannot be told apart.
 */
export function splitRecords(bytes: Uint8Array, type: string): Generator<string, void> {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decode = isUtf8(body) ? decodeValid : decodeChecked;
  return type === 'application/json' ? splitArray(body, decode) : splitLines(body, decode);
}

/** Lines without anything in them are no records. */
function* splitLines(body: Buffer, decode: Decode): Generator<string, void> {
  let index = 0;
  for (let start = 0; start < body.length; ) {
    const found = body.indexOf(newline, start);
    const end = found === -1 ? body.length : found;
    const first = skipSpace(body, start, end);
    if (first < end) {
      requireDepth(body, first, end, index);
      yield decode(body, first, end, index);
      index++;
    }
    start = end + 1;
  }
}

function* splitArray(body: Buffer, decode: Decode): Generator<string, void> {
  let at = skipSpace(body, 0, body.length);
  if (body[at] !== openBracket) throw refused(0, 'is not in an array: the body must be one');
  at = skipSpace(body, at + 1, body.length);
  if (body[at] !== closeBracket) {
    for (let index = 0; ; index++) {
      const end = endOfElement(body, at, index);
      yield decode(body, at, end, index);
      if (body[end] === closeBracket) {
        at = end;
        break;
      }
      at = skipSpace(body, end + 1, body.length);
    }
  }
  if (skipSpace(body, at + 1, body.length) === body.length) return;
  throw new CausewayError('invalid_request', {
    issues: [{ path: '', message: 'there is something after the array of records' }],
  });
}

/** The comma or the bracket that ends what begins at `start`, outside of strings and of what is nested. */
function endOfElement(body: Buffer, start: number, index: number): number {
  let depth = 0;
  for (let at = start; at < body.length; at++) {
    const byte = body[at];
    if (byte === quote) {
      at = endOfString(body, at);
    } else if (byte === openBrace || byte === openBracket) {
      if (++depth > pushLimits.depth) throw tooDeep(index);
    } else if (depth === 0 && (byte === comma || byte === closeBracket)) {
      return at;
    } else if (byte === closeBrace || byte === closeBracket) {
      depth--;
    }
  }
  throw refused(index, 'is cut off: the array of records does not end');
}

function requireDepth(body: Buffer, start: number, end: number, index: number): void {
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = body[at];
    if (byte === quote) at = endOfString(body, at);
    else if (byte === closeBrace || byte === closeBracket) depth--;
    else if ((byte === openBrace || byte === openBracket) && ++depth > pushLimits.depth) {
      throw tooDeep(index);
    }
  }
}

/** The quote that ends the string whose first quote is at `start`. */
function endOfString(body: Buffer, start: number): number {
  for (let at = start + 1; at < body.length; at++) {
    if (body[at] === backslash) at++;
    else if (body[at] === quote) return at;
  }
  return body.length;
}

function skipSpace(body: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(body[at])) at++;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === space || byte === newline || byte === carriageReturn || byte === tab;
}

type Decode = (body: Buffer, start: number, end: number, index: number) => string;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Of a body that is UTF-8 as a whole, as is nearly every one: looked at once, it is read faster. */
function decodeValid(body: Buffer, start: number, end: number): string {
  return body.toString('utf8', start, end);
}

function decodeChecked(body: Buffer, start: number, end: number, index: number): string {
  try {
    return utf8.decode(body.subarray(start, end));
  } catch {
    throw refused(index, 'is not valid UTF-8');
  }
}

function tooDeep(index: number): CausewayError {
  return refused(index, `is nested deeper than ${pushLimits.depth} levels`);
}

function refused(index: number, reason: string): CausewayError {
  return new CausewayError('records_refused', { issues: [{ index, field: null, reason }] });
}
