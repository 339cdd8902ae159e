import type { PrincipalElement } from '../model.ts';
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
      invalidPrincipal,
    );
  }
  const elements = readElements(source, node, kinds);
  const read = (kind: (typeof kinds)[number]): string[] => {
    const entry = elements.get(kind);
    if (!entry) return [];
    if (kind === 'CanonicalUser' && source.type !== 'resource') {
      const hint = 'Name the account in "AWS": canonical users are known to S3 alone';
      throw refuse(source, entry, 'found a canonical user', hint);
    }
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

/** What each kind of name looks like, and how to say so. */
const forms: Readonly<Record<(typeof kinds)[number], readonly [form: RegExp, hint: string]>> = {
  // A deleted user or role leaves its unique ID behind in the policy.
  AWS: [
    /^(\d{12}|A[A-Z]{3}[A-Z0-9]{12,}|arn:[^:]+:iam::(\d{12}|cloudfront):(root|user\/.+|role\/.+)|arn:[^:]+:sts::\d{12}:(assumed-role\/[^/]+\/[^/]+|federated-user\/[^/]+))$/,
    'Write an account number of 12 digits, or the ARN of a user, role or session',
  ],
  Service: [
    /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i,
    'Write the name of a service, such as "logging.s3.amazonaws.com"',
  ],
  Federated: [
    /^(arn:[^:]+:iam::\d{12}:(oidc|saml)-provider\/.+|[a-z0-9-]+(\.[a-z0-9-]+)+)$/i,
    'Write the ARN of an identity provider, or the name of a public one',
  ],
  CanonicalUser: [/^[0-9a-f]{64}$/, 'Write a canonical user ID of 64 hexadecimal digits'],
};

function checkName(source: PolicySource, kind: (typeof kinds)[number], name: StringNode): void {
  if (kind === 'AWS' && name.value === '*') return;
  if (/[*?]/.test(name.value)) {
    throw refuse(
      source,
      name,
      `found the principal "${name.value}": AWS has no patterns for part of a principal`,
      'Name the account and narrow it with a condition ArnLike on "aws:PrincipalArn"',
      invalidPrincipal,
    );
  }
  const [form, hint] = forms[kind];
  if (form.test(name.value)) return;
  throw refuse(source, name, `found the principal "${name.value}"`, hint, invalidPrincipal);
}

const invalidPrincipal = 'Invalid principal in policy';
