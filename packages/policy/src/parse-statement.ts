import { splitArn } from './arn.ts';
import type { PolicyKind, Statement } from './model.ts';
import { parseConditions } from './parse-conditions.ts';
import { parsePrincipal } from './parse-principal.ts';
import {
  describeNode,
  type PolicySource,
  readElements,
  readStrings,
  refuse,
  type StringNode,
} from './policy-source.ts';
import type { JsonEntry, JsonNode } from './read-json.ts';

const elementNames = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
] as const;

type Elements = ReadonlyMap<string, JsonEntry>;

/** The kinds that are attached to a resource, and so must say to whom they apply. */
const namesPrincipals: readonly PolicyKind[] = [
  'resource',
  'trust',
  'resource-control',
  'endpoint',
  'key',
];

/** @throws PolicySyntaxError */
export function parseStatement(source: PolicySource, node: JsonNode): Statement {
  const elements: Elements = readElements(source, node, elementNames);
  const effect = readEffect(source, node, elements);
  const action = pickOne(source, node, elements, 'Action');
  const actions = readStrings(source, action.entry.value);
  for (const pattern of actions) checkAction(source, pattern);
  const condition = elements.get('Condition');
  const statement: Statement = {
    sid: readSid(source, elements),
    effect,
    ...readPrincipal(source, node, elements, effect),
    action: { not: action.not, patterns: actions.map(({ value }) => value) },
    ...readResource(source, node, elements),
    conditions: condition ? parseConditions(source, condition.value) : [],
  };
  if (source.type === 'resource-control') checkResourceControl(source, node, statement);
  return statement;
}

function readSid(source: PolicySource, elements: Elements): string | null {
  const node = elements.get('Sid')?.value;
  if (!node) return null;
  if (node.kind !== 'string') {
    throw refuse(source, node, `found ${describeNode(node)}`, 'Write the Sid as a string');
  }
  if (node.value === '') return null;
  // S3 and KMS accept spaces and more in their policies; IAM does not.
  if (!['resource', 'key'].includes(source.type) && !/^[0-9A-Za-z]+$/.test(node.value)) {
    throw refuse(source, node, `found the Sid "${node.value}"`, 'Use only letters and digits');
  }
  return node.value;
}

function readEffect(source: PolicySource, node: JsonNode, elements: Elements): Statement['effect'] {
  const effect = elements.get('Effect')?.value;
  if (effect?.kind === 'string' && (effect.value === 'Allow' || effect.value === 'Deny')) {
    return effect.value;
  }
  const found = effect ? `found the effect ${describeNode(effect)}` : 'found no element "Effect"';
  throw refuse(source, effect ?? node, found, 'Write "Effect": "Allow" or "Effect": "Deny"');
}

/** The element or its `Not...` form, of which a statement has exactly one. */
function pickOne(source: PolicySource, node: JsonNode, elements: Elements, name: string) {
  const plain = elements.get(name);
  const inverse = elements.get(`Not${name}`);
  if (plain && inverse) {
    throw refuse(source, inverse, `found both "${name}" and "Not${name}"`, 'Keep one of them');
  }
  const entry = plain ?? inverse;
  if (!entry) throw refuse(source, node, `found no element "${name}"`, `Add "${name}"`);
  return { entry, not: plain === undefined };
}

function checkAction(source: PolicySource, action: StringNode): void {
  const service = /^([A-Za-z0-9*?-]+):[A-Za-z0-9*?_-]+$/.exec(action.value)?.[1];
  if (action.value === '*') return;
  if (service === undefined) {
    throw refuse(
      source,
      action,
      `found the action "${action.value}"`,
      'Write it as service and name, such as "s3:PutObject"',
    );
  }
  if (source.type === 'trust' && service.toLowerCase() !== 'sts') {
    throw refuse(
      source,
      action,
      `found the action "${action.value}" in a trust policy`,
      'Name only actions of sts here, such as "sts:AssumeRole": what the role may do belongs in its permissions policy',
    );
  }
}

function readPrincipal(
  source: PolicySource,
  node: JsonNode,
  elements: Elements,
  effect: Statement['effect'],
): Pick<Statement, 'principal'> {
  const present = elements.get('Principal') ?? elements.get('NotPrincipal');
  if (!namesPrincipals.includes(source.type)) {
    if (!present) return {};
    throw refuse(
      source,
      present,
      `found the element "${present.key}" in a policy that already belongs to a principal`,
      'Remove it, or attach the policy to the resource instead',
    );
  }
  const { entry, not } = pickOne(source, node, elements, 'Principal');
  if (not && effect === 'Allow') {
    throw refuse(
      source,
      entry,
      'found "NotPrincipal" with "Effect": "Allow", which would open the resource to the world',
      'Name those who are allowed in "Principal"',
    );
  }
  return { principal: parsePrincipal(source, entry.value, not) };
}

function readResource(
  source: PolicySource,
  node: JsonNode,
  elements: Elements,
): Pick<Statement, 'resource'> {
  if (source.type === 'trust') {
    const present = elements.get('Resource') ?? elements.get('NotResource');
    if (!present) return {};
    const found = `found the element "${present.key}" in a trust policy`;
    throw refuse(source, present, found, 'Remove it: the resource is the role itself');
  }
  const { entry, not } = pickOne(source, node, elements, 'Resource');
  const patterns = readStrings(source, entry.value);
  for (const pattern of patterns) {
    if (pattern.value === '*' || splitArn(pattern.value)) continue;
    throw refuse(
      source,
      pattern,
      `found the resource "${pattern.value}"`,
      'Write "*" or an ARN with all six parts, such as "arn:aws:s3:::bucket/prefix/*"',
    );
  }
  return { resource: { not, patterns: patterns.map(({ value }) => value) } };
}

/** AWS's own `RCPFullAWSAccess` is the only one that allows, and it allows everything. */
function checkResourceControl(source: PolicySource, node: JsonNode, statement: Statement): void {
  if (!statement.principal?.anyone || statement.principal.not) {
    throw refuse(
      source,
      node,
      'found a principal other than "*" in a resource control policy',
      'Write "Principal": "*" and narrow it with a condition on "aws:PrincipalArn"',
    );
  }
  const everything = [statement.action, statement.resource].every(
    (element) => element && !element.not && element.patterns.includes('*'),
  );
  if (statement.effect === 'Deny' || (everything && statement.conditions.length === 0)) return;
  const found = 'found an Allow other than of everything in a resource control policy';
  throw refuse(source, node, found, 'Write a Deny of what must not happen');
}
