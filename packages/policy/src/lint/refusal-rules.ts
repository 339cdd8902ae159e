import {
  covers,
  type LintDocument,
  type LintStatement,
  type PlacedCondition,
  quoted,
} from './lint-document.ts';
import type { Hit, LintRule } from './lint-rule.ts';

/**
 * Conditions under which a policy refuses what Causeway, or any outside party, sends.
 * Many are good rules: they are warnings, because the two sides must agree on them.
 */
export const refusalRules: readonly LintRule[] = [
  {
    code: 'needs_encryption_header',
    severity: 'warning',
    finds: 'uploads refused without a header that names the encryption',
    reason:
      'S3 encrypts every object by itself since January 2023, and clients that rely on it send no such header; a Deny on it refuses them all',
    check: (document) =>
      refusals(document, 's3:PutObject', /^s3:x-amz-server-side-encryption(-aws-kms-key-id)?$/, {
        message: ({ condition }) => `uploads without ${headerOf(condition.key)} are refused`,
        fix: 'Remove it and set the default encryption of the bucket, or set the same encryption in the connection',
      }),
  },
  {
    code: 'needs_acl_header',
    severity: 'warning',
    finds: 'uploads refused by the access control list they ask for',
    reason:
      'With ownership enforced, as it is in new buckets, objects belong to the bucket anyway, and the parts of a large upload carry no such header',
    check: (document) =>
      refusals(document, 's3:PutObject', /^s3:x-amz-(acl|grant-.*)$/, {
        message: ({ condition }) => `uploads without ${headerOf(condition.key)} are refused`,
        fix: 'Remove it and set the ownership of the bucket to BucketOwnerEnforced',
      }),
  },
  {
    code: 'needs_vpc_endpoint',
    severity: 'warning',
    finds: 'requests refused unless they come through a VPC or its endpoint',
    reason: 'Causeway calls from its own network, and so does nobody outside of yours',
    check: (document) =>
      refusals(document, null, /^aws:sourcevpce?$/, {
        message: ({ condition }) => `only ${quoted(condition.values)} is let in`,
        fix: 'Except the role that Causeway uses, by the condition ArnNotEquals on "aws:PrincipalArn"',
      }),
  },
  {
    code: 'needs_source_address',
    severity: 'warning',
    finds: 'requests refused unless they come from certain addresses',
    reason:
      'It holds only while the addresses of Causeway are in the list, and refuses calls that AWS services make for it',
    check: (document) =>
      refusals(document, null, /^aws:(vpc)?sourceip$/, {
        message: ({ condition }) => `only ${quoted(condition.values)} is let in`,
        fix: 'Add the addresses that Causeway calls from, or except its role by the condition ArnNotEquals on "aws:PrincipalArn"',
      }),
  },
  {
    code: 'needs_organization',
    severity: 'warning',
    finds: 'requests refused unless the caller is of an organization',
    reason:
      'An access key or role of your own account passes; a principal of another company does not',
    kinds: ['resource', 'trust', 'key', 'resource-control'],
    check: (document) =>
      refusals(document, null, /^aws:principalorg(id|paths)$/, {
        message: ({ condition }) => `only callers of ${quoted(condition.values)} are let in`,
        fix: 'Except the principal that Causeway uses, by the condition ArnNotEquals on "aws:PrincipalArn"',
      }),
  },
  {
    code: 'needs_newest_tls',
    severity: 'warning',
    finds: 'requests refused unless they use TLS 1.3',
    reason: 'Not every client and network speaks it yet; TLS 1.2 is what AWS itself demands',
    check: (document) =>
      refusals(document, null, /^s3:tlsversion$/, {
        message: ({ condition }) => `TLS below ${quoted(condition.values)} is refused`,
        fix: 'Demand "1.2"',
        isMeant: ({ condition }) => condition.values.some((value) => Number(value) > 1.2),
      }),
  },
  {
    code: 'needs_if_none_match',
    severity: 'warning',
    finds: 'uploads refused without If-None-Match',
    reason:
      'Parts of a multipart upload, and its start, cannot carry the header: only s3:ObjectCreationOperation tells them apart',
    check: (document) =>
      refusals(document, 's3:PutObject', /^s3:if-(none-)?match$/, {
        message: ({ condition }) => `uploads without ${headerOf(condition.key)} are refused`,
        fix: 'Add the condition Bool "s3:ObjectCreationOperation": "true"',
        isMeant: (_, { conditions }) =>
          !conditions.some(({ key }) => key === 's3:objectcreationoperation'),
      }),
  },
];

interface Refusal {
  readonly message: (placed: PlacedCondition) => string;
  readonly fix: string;
  readonly isMeant?: (placed: PlacedCondition, each: LintStatement) => boolean;
}

/** Conditions of a Deny that hold when something is not sent, and of an Allow that hold only when it is. */
function refusals(
  document: LintDocument,
  action: string | null,
  keys: RegExp,
  { message, fix, isMeant = () => true }: Refusal,
): Hit[] {
  return document.statements
    .filter((each) => action === null || covers(each, action))
    .filter((each) => !sparesSomeone(each))
    .flatMap((each) =>
      each.conditions
        .filter((placed) => keys.test(placed.key) && isMeant(placed, each))
        .filter((placed) => demands(placed, each) && !isOnlyIfSent(placed, each))
        .map((placed) => ({ at: placed.at, statement: each, message: message(placed), fix })),
    );
}

/** Whether leaving it out, or saying it otherwise, has the request refused. */
function demands({ operator, condition }: PlacedCondition, { statement }: LintStatement): boolean {
  if (statement.effect === 'Deny') {
    if (operator === 'Null') return condition.values.some((value) => value === 'true');
    return /Not|LessThan/.test(operator);
  }
  return operator === 'Null'
    ? condition.values.every((value) => value === 'false')
    : !/Not/.test(operator) && !/IfExists$|^ForAllValues:/.test(condition.operator);
}

/** A Deny of wrong values that spares whoever sends none. */
function isOnlyIfSent(
  { key, operator }: PlacedCondition,
  { statement, conditions }: LintStatement,
) {
  return (
    statement.effect === 'Deny' &&
    operator !== 'Null' &&
    conditions.some(
      (other) =>
        other.key === key && other.operator === 'Null' && other.condition.values.includes('false'),
    )
  );
}

/** A Deny with exceptions for callers: whether ours is among them, its author has considered. */
function sparesSomeone({ statement, conditions }: LintStatement): boolean {
  return (
    statement.effect === 'Deny' &&
    conditions.some(
      ({ key, operator }) =>
        /^aws:(principal(arn|account)|userid)$/.test(key) && /Not/.test(operator),
    )
  );
}

function headerOf(key: string): string {
  return key.slice(key.indexOf(':') + 1).toLowerCase();
}
