/** A JSON value that knows where it stood. */
export type JsonNode = JsonPlace &
  (
    | { readonly kind: 'object'; readonly entries: readonly JsonEntry[] }
    | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'number' | 'boolean' | 'null'; readonly value: string }
  );

export interface JsonPlace {
  readonly path: string;
  /** Offset in the text. */
  readonly at: number;
}

export interface JsonEntry extends JsonPlace {
  readonly key: string;
  readonly value: JsonNode;
}

/** What is wrong with the text, and where. */
export class JsonReadError extends Error {
  readonly place: JsonPlace;
  readonly hint: string;

  constructor(place: JsonPlace, found: string, hint: string) {
    super(found);
    this.name = 'JsonReadError';
    this.place = place;
    this.hint = hint;
  }
}

/** No policy is deeper than seven levels; the limit keeps hostile text from exhausting the stack. */
const deepest = 32;

const strings = /"(?:[^"\\]|\\.)*"/y;
const scalars = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const spaces = /[ \t\n\r]*/y;

/**
 * Reads JSON as RFC 8259 has it, and refuses a repeated key in an object, of which
 * `JSON.parse` silently keeps the last.
 *
 * @throws JsonReadError
 */
export function readJson(text: string): JsonNode {
  const reader = { text, offset: text.startsWith('\uFEFF') ? 1 : 0 };
  const node = readValue(reader, '', 0);
  skipSpaces(reader);
  if (reader.offset < text.length) {
    throw unexpected(reader, '', 'Remove what follows the end of the JSON value');
  }
  return node;
}

/** The line and column, from 1, of an offset. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

interface Reader {
  readonly text: string;
  offset: number;
}

function readValue(reader: Reader, path: string, depth: number): JsonNode {
  skipSpaces(reader);
  const place = { path, at: reader.offset };
  if (depth > deepest) {
    throw new JsonReadError(place, `found more than ${deepest} nested levels`, 'Flatten it');
  }
  const next = reader.text[reader.offset];
  if (next === '{') return { ...place, kind: 'object', entries: readEntries(reader, path, depth) };
  if (next === '[') return { ...place, kind: 'array', items: readItems(reader, path, depth) };
  if (next === '"') return { ...place, kind: 'string', value: readString(reader, path) };
  const value = take(reader, scalars);
  if (value === null) throw unexpected(reader, path, 'Write a JSON value here');
  const kind = value === 'null' ? 'null' : /^[tf]/.test(value) ? 'boolean' : 'number';
  return { ...place, kind, value };
}

function readEntries(reader: Reader, path: string, depth: number): JsonEntry[] {
  const entries: JsonEntry[] = [];
  const seen = new Set<string>();
  readList(reader, path, '}', () => {
    const at = reader.offset;
    if (reader.text[at] !== '"')
      throw unexpected(reader, path, 'Write a key in double quotes here');
    const key = readString(reader, path);
    const place = { path: path === '' ? key : `${path}.${key}`, at };
    if (seen.has(key)) {
      throw new JsonReadError(
        place,
        `found "${key}" a second time in the same object`,
        'Merge the two into one: only the last would count',
      );
    }
    seen.add(key);
    skipSpaces(reader);
    if (reader.text[reader.offset] !== ':') {
      throw unexpected(reader, place.path, 'Write a colon after the key');
    }
    reader.offset++;
    entries.push({ ...place, key, value: readValue(reader, place.path, depth + 1) });
  });
  return entries;
}

function readItems(reader: Reader, path: string, depth: number): JsonNode[] {
  const items: JsonNode[] = [];
  readList(reader, path, ']', () => {
    items.push(readValue(reader, `${path}[${items.length}]`, depth + 1));
  });
  return items;
}

/** Reads what stands between the bracket at the offset and `close`, item by item. */
function readList(reader: Reader, path: string, close: string, readItem: () => void): void {
  reader.offset++;
  skipSpaces(reader);
  if (reader.text[reader.offset] === close) {
    reader.offset++;
    return;
  }
  for (;;) {
    skipSpaces(reader);
    readItem();
    skipSpaces(reader);
    const next = reader.text[reader.offset];
    if (next !== ',' && next !== close) {
      throw unexpected(reader, path, `Write "," or "${close}" here`);
    }
    reader.offset++;
    if (next === close) return;
  }
}

function readString(reader: Reader, path: string): string {
  const place = { path, at: reader.offset };
  const quoted = take(reader, strings);
  try {
    if (quoted !== null) return JSON.parse(quoted) as string;
  } catch {
    throw new JsonReadError(
      place,
      'found a string with a line break, another control character or an unknown escape',
      'Write it with JSON escapes, such as \\n',
    );
  }
  throw new JsonReadError(place, 'found a string without an end', 'Close it with a double quote');
}

function skipSpaces(reader: Reader): void {
  take(reader, spaces);
}

function take(reader: Reader, pattern: RegExp): string | null {
  pattern.lastIndex = reader.offset;
  const found = pattern.exec(reader.text)?.[0];
  if (found === undefined) return null;
  reader.offset += found.length;
  return found;
}

function unexpected(reader: Reader, path: string, hint: string): JsonReadError {
  const char = Array.from(reader.text.slice(reader.offset, reader.offset + 2))[0];
  const found = char === undefined ? 'the end of the text' : JSON.stringify(char);
  return new JsonReadError({ path, at: reader.offset }, `found ${found}`, hint);
}
