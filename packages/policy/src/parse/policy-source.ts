import type { PolicyKind } from '../model.ts';
import { PolicySyntaxError } from './policy-syntax-error.ts';
import { type JsonEntry, type JsonNode, type JsonPlace, positionOf } from './read-json.ts';

/** How a policy of an identity is attached, which decides how long it may be. */
export type AttachedAs = 'managed' | 'user' | 'role' | 'group';

/** The document being parsed, as far as error messages need it. */
export interface PolicySource {
  readonly name: string;
  readonly type: PolicyKind;
  readonly text: string;
  /** Whether the caller gave text: then positions in it mean something. */
  readonly isText: boolean;
  /** The bucket whose policy it is, if that is known. */
  readonly bucket?: string;
  readonly attachedAs?: AttachedAs;
}

export function refuse(
  source: PolicySource,
  place: JsonPlace,
  found: string,
  hint: string,
  awsMessage?: string,
): PolicySyntaxError {
  const position = source.isText ? positionOf(source.text, place.at) : {};
  return new PolicySyntaxError(
    source.name,
    { path: place.path, ...position },
    found,
    hint,
    awsMessage,
  );
}

/** The entries of an object by key, of which only the known ones may occur. */
export function readElements(
  source: PolicySource,
  node: JsonNode,
  known: readonly string[],
): ReadonlyMap<string, JsonEntry> {
  if (node.kind !== 'object') {
    throw refuse(source, node, `found ${describeNode(node)}`, 'Write a JSON object here');
  }
  for (const entry of node.entries) {
    if (known.includes(entry.key)) continue;
    const meant = known.find((name) => name.toLowerCase() === entry.key.toLowerCase());
    throw refuse(
      source,
      entry,
      `found the element "${entry.key}", which AWS does not know here`,
      meant ? `Write "${meant}"` : `Use one of ${known.map((name) => `"${name}"`).join(', ')}`,
    );
  }
  return new Map(node.entries.map((entry) => [entry.key, entry]));
}

/** One string or a list of strings. */
export function readStrings(source: PolicySource, node: JsonNode): readonly StringNode[] {
  const nodes = node.kind === 'array' ? node.items : [node];
  if (nodes.length === 0) throw refuse(source, node, 'found an empty list', 'Name at least one');
  return nodes.map((item) => readString(source, item));
}

export type StringNode = JsonPlace & { readonly value: string };

export function readString(source: PolicySource, node: JsonNode): StringNode {
  if (node.kind === 'string' && node.value !== '') return node;
  throw refuse(source, node, `found ${describeNode(node)}`, 'Write a string that is not empty');
}

export function describeNode(node: JsonNode): string {
  if (node.kind === 'object') return 'an object';
  if (node.kind === 'array') return 'a list';
  if (node.kind !== 'string') return node.value;
  return node.value.length > 100 ? `"${node.value.slice(0, 100)}..."` : `"${node.value}"`;
}
