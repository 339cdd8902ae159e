import type { Policy, PolicyKind } from '../model.ts';
import { isFreeInSids, parseStatement } from './parse-statement.ts';
import { checkPolicySize, longestText } from './policy-size.ts';
import {
  type AttachedAs,
  describeNode,
  type PolicySource,
  readElements,
  readString,
  refuse,
} from './policy-source.ts';
import { PolicySyntaxError } from './policy-syntax-error.ts';
import { type JsonNode, JsonReadError, readJson } from './read-json.ts';

export interface ParsePolicyOptions {
  /** Shown in errors and decisions: an ARN, a file name, or what the policy is. */
  readonly name: string;
  readonly type: PolicyKind;
  /** Of a bucket policy: the bucket it is put on. Then it is held to what S3 checks beyond the grammar. */
  readonly bucket?: string;
  /** Of an identity policy: whether it is a managed policy, or stands in a user, role or group. */
  readonly attachedAs?: AttachedAs;
}

/**
 * Reads a policy document and refuses what AWS would refuse for its kind, so that
 * a mistake cannot pass for a policy that matches nothing.
 *
 * Give text where there is text: only then errors have a line and column, and a
 * key that occurs twice is found.
 *
 * @throws PolicySyntaxError
 */
export function parsePolicy(document: string | object, options: ParsePolicyOptions): Policy {
  const source = openSource(document, options);
  const root = readRoot(source);
  const elements = readElements(source, root, ['Version', 'Id', 'Statement']);
  const version = readVersion(source, elements.get('Version')?.value);
  const id = elements.get('Id');
  const statement = elements.get('Statement');
  if (!statement) {
    throw refuse(
      source,
      root,
      'found no element "Statement"',
      'Add a list of statements',
      'Missing required field Statement',
    );
  }
  checkPolicySize(source, root);
  const nodes = statement.value.kind === 'array' ? statement.value.items : [statement.value];
  if (nodes.length === 0) {
    throw refuse(
      source,
      statement,
      'found no statement in the list',
      'Add at least one',
      'Could not parse the policy: Statement is empty!',
    );
  }
  const statements = nodes.map((node) => parseStatement(source, node));
  checkSids(source, nodes, statements);
  const named = id ? { id: readString(source, id.value).value } : {};
  return { name: options.name, version, ...named, statements };
}

function openSource(document: string | object, options: ParsePolicyOptions): PolicySource {
  const { name } = options;
  if (typeof document === 'string') return { ...options, text: document, isText: true };
  let text: string | undefined;
  try {
    text = JSON.stringify(document);
  } catch {
    // Cyclic objects and big integers: they never came from JSON, nor can they go to AWS.
  }
  if (text === undefined) {
    const hint = 'Give the policy as JSON text, or as an object that JSON can hold';
    throw new PolicySyntaxError(name, { path: '' }, 'found a value that is not JSON', hint);
  }
  return { ...options, text, isText: false };
}

function readRoot(source: PolicySource): JsonNode {
  const start = { path: '', at: 0 };
  if (source.text.length > longestText) {
    const found = `found ${source.text.length} characters`;
    throw refuse(source, start, found, 'Shorten it: AWS accepts no policy as long as this');
  }
  try {
    return readJson(source.text);
  } catch (error) {
    if (error instanceof JsonReadError)
      throw refuse(source, error.place, error.message, error.hint, invalidJson);
    throw error;
  }
}

const invalidJson = 'This policy contains invalid Json';

function readVersion(source: PolicySource, node: JsonNode | undefined): Policy['version'] {
  if (!node) return '2008-10-17';
  if (node.kind === 'string') {
    if (node.value === '2012-10-17' || node.value === '2008-10-17') return node.value;
  }
  throw refuse(
    source,
    node,
    `found version ${describeNode(node)}, which AWS does not know`,
    'Write "2012-10-17": it is the version of the policy language, not a date of yours',
    'The policy must contain a valid version string',
  );
}

function checkSids(
  source: PolicySource,
  nodes: readonly JsonNode[],
  statements: Policy['statements'],
): void {
  // Only IAM and Organizations insist on it; a bucket policy may repeat one.
  if (isFreeInSids(source.type)) return;
  const seen = new Set<string>();
  statements.forEach(({ sid }, index) => {
    const place = nodes[index];
    if (sid === null || !place) return;
    if (seen.has(sid)) {
      throw refuse(source, place, `found the Sid "${sid}" a second time`, 'Give it another Sid');
    }
    seen.add(sid);
  });
}
