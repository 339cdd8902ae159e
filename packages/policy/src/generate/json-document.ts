import { PolicySyntaxError } from '../parse/policy-syntax-error.ts';
import { type JsonNode, JsonReadError, positionOf, readJson } from '../parse/read-json.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A JSON object that was given as text or as it is; null if nothing is there. Keys stay
 * in their order. A number that JavaScript would change becomes its own text, which
 * is the same to IAM.
 *
 * @throws PolicySyntaxError with line and column, also for a key that occurs twice
 */
export function readDocument(given: string | object | null, name: string): JsonObject | null {
  if (given === null || (typeof given === 'string' && given.trim() === '')) return null;
  if (typeof given !== 'string') return { ...given };
  const node = parse(given, name);
  if (node.kind === 'object') return toObject(node.entries);
  throw new PolicySyntaxError(name, { path: '' }, 'found no object', 'Write a JSON object');
}

function parse(text: string, name: string): JsonNode {
  try {
    return readJson(text);
  } catch (error) {
    if (!(error instanceof JsonReadError)) throw error;
    const at = { path: error.place.path, ...positionOf(text, error.place.at) };
    throw new PolicySyntaxError(name, at, error.message, error.hint);
  }
}

function toObject(entries: readonly { key: string; value: JsonNode }[]): JsonObject {
  return Object.fromEntries(entries.map(({ key, value }) => [key, toValue(value)]));
}

function toValue(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object':
      return toObject(node.entries);
    case 'array':
      return node.items.map(toValue);
    case 'number':
      return String(Number(node.value)) === node.value ? Number(node.value) : node.value;
    case 'boolean':
      return node.value === 'true';
    case 'null':
      return null;
    case 'string':
      return node.value;
  }
}

/** Writes a document with the indentation that `like` has; two spaces if there is nothing to follow. */
export function writeDocument(document: object, like: string | object | null): string {
  if (typeof like !== 'string' || like.trim() === '') return JSON.stringify(document, null, 2);
  const indent = /\n([ \t]+)\S/.exec(like)?.[1];
  return JSON.stringify(document, null, indent ?? 0);
}
