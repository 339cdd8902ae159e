import { splitArn } from './arn.ts';
import type { PrincipalElement } from './model.ts';
import {
  describeNode,
  type PolicySource,
  readElements,
  readStrings,
  refuse,
  type StringNode,
} from './policy-source.ts';
import type { JsonNode } from './read-json.ts';

const kinds = ['AWS', 'Service', 'Federated', 'CanonicalUser'] as const;

/** @throws PolicySyntaxError */
export function parsePrincipal(
  source: PolicySource,
  node: JsonNode,
  not: boolean,
): PrincipalElement {
  const others = { service: [], federated: [], canonicalUser: [] };
  if (node.kind === 'string' && node.value === '*') {
    return { not, anyone: true, aws: ['*'], ...others };
  }
  if (node.kind !== 'object' || node.entries.length === 0) {
    throw refuse(
      source,
      node,
      `found the principal ${describeNode(node)}`,
      'Write "*" or an object such as {"AWS": "arn:aws:iam::111122223333:root"}',
    );
  }
  const elements = readElements(source, node, kinds);
  const read = (kind: (typeof kinds)[number]): string[] => {
    const entry = elements.get(kind);
    if (!entry) return [];
    const names = readStrings(source, entry.value);
    for (const name of names) checkName(source, kind, name);
    return names.map(({ value }) => value);
  };
  return {
    not,
    anyone: false,
    aws: read('AWS'),
    service: read('Service'),
    federated: read('Federated'),
    canonicalUser: read('CanonicalUser'),
  };
}

function checkName(source: PolicySource, kind: string, name: StringNode): void {
  if (kind === 'AWS' && name.value === '*') return;
  if (/[*?]/.test(name.value)) {
    throw refuse(
      source,
      name,
      `found the principal "${name.value}": AWS has no patterns for part of a principal`,
      'Name the account and narrow it with a condition ArnLike on "aws:PrincipalArn"',
    );
  }
  if (kind !== 'AWS' || /^\d{12}$/.test(name.value)) return;
  // A deleted user or role leaves its unique ID behind in the policy.
  if (/^A[A-Z]{3}[A-Z0-9]{12,}$/.test(name.value)) return;
  const parts = splitArn(name.value);
  if (parts && (parts[2] === 'iam' || parts[2] === 'sts') && parts[5] !== '') return;
  throw refuse(
    source,
    name,
    `found the principal "${name.value}"`,
    'Write an account number of 12 digits, or the ARN of a user, role or session',
  );
}
