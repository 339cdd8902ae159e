import { splitArn } from '../evaluate/arn.ts';
import type { PolicyKind, Statement } from '../model.ts';
import { checkBucketStatement, type ElementNodes } from './check-bucket-statement.ts';
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
  const resources = readResources(source, node, elements);
  if (source.bucket !== undefined && resources) {
    checkBucketStatement(source, source.bucket, { not: action.not, nodes: actions }, resources);
  }
  const statement: Statement = {
    sid: readSid(source, elements),
    effect,
    ...readPrincipal(source, node, elements, effect),
    action: { not: action.not, patterns: actions.map(({ value }) => value) },
    ...(resources && {
      resource: { not: resources.not, patterns: resources.nodes.map(({ value }) => value) },
    }),
    conditions: condition ? parseConditions(source, condition.value) : [],
  };
  if (source.type === 'resource-control') checkResourceControl(source, node, statement);
  return statement;
}

/** S3, KMS and VPC endpoints accept spaces and more in a Sid, and the same one twice; IAM does not. */
export function isFreeInSids(type: PolicyKind): boolean {
  return type === 'resource' || type === 'key' || type === 'endpoint';
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
  throw refuse(
    source,
    effect ?? node,
    found,
    'Write "Effect": "Allow" or "Effect": "Deny"',
    effect?.kind === 'string' ? `Invalid effect: ${effect.value}` : 'Missing required field Effect',
  );
}

/** The element or its `Not...` form, of which a statement has exactly one. */
function pickOne(source: PolicySource, node: JsonNode, elements: Elements, name: string) {
  const plain = elements.get(name);
  const inverse = elements.get(`Not${name}`);
  if (plain && inverse) {
    throw refuse(source, inverse, `found both "${name}" and "Not${name}"`, 'Keep one of them');
  }
  const entry = plain ?? inverse;
  if (!entry) {
    const missing = `Missing required field ${name}`;
    throw refuse(source, node, `found no element "${name}"`, `Add "${name}"`, missing);
  }
  return { entry, not: plain === undefined };
}

function checkAction(source: PolicySource, action: StringNode): void {
  if (action.value === '*' || action.value === '*:*') return;
  const service = /^([A-Za-z0-9-]+):[A-Za-z0-9*?_-]+$/.exec(action.value)?.[1];
  if (service === undefined) {
    const pattern = /^[^:]*[*?][^:]*:/.test(action.value);
    throw refuse(
      source,
      action,
      `found the action "${action.value}"${pattern ? ', whose service is a pattern' : ''}`,
      'Write it as service and name, such as "s3:PutObject"',
      'Policy has invalid action',
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

function readResources(
  source: PolicySource,
  node: JsonNode,
  elements: Elements,
): ElementNodes | null {
  if (source.type === 'trust') {
    const present = elements.get('Resource') ?? elements.get('NotResource');
    if (!present) return null;
    const found = `found the element "${present.key}" in a trust policy`;
    throw refuse(source, present, found, 'Remove it: the resource is the role itself');
  }
  const { entry, not } = pickOne(source, node, elements, 'Resource');
  const nodes = readStrings(source, entry.value);
  for (const pattern of nodes) checkResource(source, pattern);
  return { not, nodes };
}

function checkResource(source: PolicySource, pattern: StringNode): void {
  if (pattern.value === '*') return;
  const parts = splitArn(pattern.value);
  const [found, hint] = !parts
    ? ['', 'Write "*" or an ARN with all six parts, such as "arn:aws:s3:::bucket/prefix/*"']
    : /[*?]/.test(parts[2]) || parts[2] === ''
      ? [', whose service is no name', 'Name the service: a pattern may stand in any other part']
      : !/^(aws(-[a-z]+)*|.*[*?].*)$/.test(parts[1])
        ? [`, whose partition "${parts[1]}" AWS does not have`, 'Write "aws", or "aws-cn" in China']
        : [null, ''];
  if (found === null) return;
  throw refuse(
    source,
    pattern,
    `found the resource "${pattern.value}"${found}`,
    hint,
    'Policy has invalid resource',
  );
}

/** AWS's own `RCPFullAWSAccess` is the only one that allows, and it allows everything. */
function checkResourceControl(source: PolicySource, node: JsonNode, statement: Statement): void {
  if (statement.action.not) {
    const hint = 'Name what must not happen in "Action", or spare resources by "NotResource"';
    throw refuse(source, node, 'found "NotAction" in a resource control policy', hint);
  }
  if (statement.effect === 'Deny' && statement.action.patterns.some((name) => /^\*/.test(name))) {
    const hint = 'Name the service, such as "s3:*": AWS accepts "*" only in its own policy';
    throw refuse(source, node, 'found a Deny of all actions in a resource control policy', hint);
  }
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
